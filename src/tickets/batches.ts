import type { Database } from '../db/database.ts';
import { type Insertion, insertTickets, type ShopTicketDraft } from './insert-tickets.ts';

// Larger ones save nothing more, and make the first of them wait for the last.
const LARGEST_BATCH = 64;
// One is written to disk while the next is worked out.
const STATEMENTS_UNDER_WAY = 1;

interface Waiting {
  readonly draft: ShopTicketDraft;
  readonly resolve: (insertion: Insertion) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Creates the tickets that are asked for at the same time with one statement, at a fraction of the cost. A
 * ticket never waits for others to come: a statement takes those that are there, and those that come while
 * it is under way are for the next.
 */
export class Batches {
  readonly #database: Database;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
  #nextIsDue = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Inserts one draft. Fails as if it were the only one: one that fails takes no other down. */
  insert(draft: ShopTicketDraft): Promise<Insertion> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ draft, resolve, reject });
      this.#prepareNext();
    });
  }

  // At the end of this turn of the event loop, so that all requests that it has read come together.
  #prepareNext(): void {
    if (this.#nextIsDue || this.#underWay >= STATEMENTS_UNDER_WAY || this.#waiting.length === 0) return;
    this.#nextIsDue = true;
    setImmediate(() => {
      this.#nextIsDue = false;
      void this.#create(this.#waiting.splice(0, LARGEST_BATCH));
      this.#prepareNext();
    });
  }

  async #create(batch: readonly Waiting[]): Promise<void> {
    this.#underWay += 1;
    try {
      const insertions = await insertTickets(
        this.#database,
        batch.map(({ draft }) => draft),
      );
      for (const [index, insertion] of insertions.entries()) batch[index]?.resolve(insertion);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const waiting of batch) await this.#create([waiting]);
    } finally {
      this.#underWay -= 1;
      this.#prepareNext();
    }
  }
}
