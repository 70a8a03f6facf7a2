import type { Database } from '../db/database.ts';
import { concernsWholeDatabase, isLockTimeout, isServerError } from '../db/outage.ts';
import { TookTooLongError } from '../errors.ts';
import { ShopQueue } from '../limits/shop-queue.ts';
import type { Observer } from '../telemetry/observer.ts';
import {
  type AwaitedStatement,
  runAwaited,
  type StatementSummary,
  type Tracing,
} from '../telemetry/tracing.ts';
import { charactersOf } from './input.ts';
import { type Insertion, insertTickets, type ShopTicketDraft } from './insert-tickets.ts';
import { LoneDrafts } from './lone-drafts.ts';
import { OutageMemory } from './outage-memory.ts';

// More of them hardly cost less, and make the first wait for the last.
const LARGEST_BATCH = 250;
// Nor more than so many characters of messages and tags: four of the longest messages take some 25 ms.
const LARGEST_BATCH_CHARACTERS = 262_144;
// So many need not wait for the end of the turn: the database works on them while the others are still read.
const ENOUGH = 32;
// A statement that takes longer is held up by something that need not hold up the others.
const USUAL_MS = 25;

const summary: StatementSummary = { operation: 'INSERT', table: 'tickets' };

// What becomes none, as with a key that was used before, does not tell whether the database takes any.
const isTicket = (insertion: Insertion): boolean => typeof insertion === 'object' && 'ticket' in insertion;

interface Waiting {
  readonly draft: ShopTicketDraft;
  /** When nobody waits for it any more, in milliseconds of `performance.now()`. */
  readonly until: number;
  readonly resolve: (insertion: Insertion) => void;
  readonly reject: (reason: unknown) => void;
  /** Where the statement is to be told of, in the trace of this draft's request. */
  readonly statement: AwaitedStatement | undefined;
}

/**
 * Creates the tickets that are asked for at the same time with one statement, at a fraction of the cost. A
 * ticket never waits for others to come: a statement takes those that are there, and those that come while
 * it is under way are for the next.
 */
export class Batches {
  readonly #database: Database;
  readonly #outage: OutageMemory;
  readonly #observer: Observer | undefined;
  readonly #tracing: Tracing | undefined;
  readonly #waiting = new ShopQueue<Waiting>();
  #batches = 0;
  /** The statement that the next one waits for. */
  #latest: object | undefined;
  /** Runs out when that one takes longer than is usual. */
  readonly #usual = setTimeout(() => this.#waitNoLonger(), USUAL_MS).unref();
  #endOfTurn: NodeJS.Immediate | undefined;
  readonly #alone: LoneDrafts<Waiting>;

  /** A statement is given up after so many milliseconds. */
  constructor(database: Database, patience: number, observer?: Observer, tracing?: Tracing) {
    this.#database = database;
    this.#outage = new OutageMemory(patience);
    this.#alone = new LoneDrafts(database.shares.loneDrafts, (one) => this.#create([one], true));
    this.#observer = observer;
    this.#tracing = tracing;
  }

  /**
   * Inserts one draft, unless its turn comes later than this, in milliseconds of `performance.now()`. Fails as if it were
   * the only one: one that fails takes no other down.
   */
  insert(draft: ShopTicketDraft, until: number): Promise<Insertion> {
    return new Promise((resolve, reject) => {
      const statement = this.#tracing?.awaitStatement(summary);
      const waiting = { draft, until, resolve, reject, statement };
      if (this.#alone.isSuspect(draft)) return this.#alone.add([waiting]);
      this.#waiting.add(draft.shopId, waiting);
      this.#prepareNext();
    });
  }

  /** Whether the database took no tickets a moment ago. */
  get isFailing(): boolean {
    return this.#outage.isRecent;
  }

  // At the end of this turn of the event loop, so that the requests that it reads come together.
  #prepareNext(): void {
    if (this.#latest || this.#batches >= this.#database.shares.batches || this.#waiting.size === 0) return;
    if (this.#waiting.size >= ENOUGH) void this.#sendNext();
    else this.#endOfTurn ??= setImmediate(() => void this.#sendNext());
  }

  async #sendNext(): Promise<void> {
    clearImmediate(this.#endOfTurn);
    this.#endOfTurn = undefined;
    const statement = {};
    this.#latest = statement;
    this.#usual.refresh();
    this.#batches += 1;
    await this.#create(this.#takeBatch());
    this.#batches -= 1;
    if (this.#latest === statement) this.#latest = undefined;
    this.#prepareNext();
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let characters = 0;
    while (batch.length < LARGEST_BATCH && characters < LARGEST_BATCH_CHARACTERS) {
      const next = this.#waiting.take();
      if (next === undefined) break;
      batch.push(next);
      characters += charactersOf(next.draft);
    }
    return batch;
  }

  #waitNoLonger(): void {
    this.#latest = undefined;
    this.#prepareNext();
  }

  async #create(all: readonly Waiting[], isLone = false): Promise<void> {
    const now = performance.now();
    const batch = all.filter(({ until }) => until > now);
    for (const { until, reject } of all) if (until <= now) reject(new TookTooLongError());
    if (batch.length === 0) return;
    this.#observer?.batch(batch.length);
    try {
      const drafts = batch.map(({ draft }) => draft);
      const awaited = batch.map(({ statement }) => statement);
      const insertions = await runAwaited(awaited, () => insertTickets(this.#database.sql, drafts));
      for (const [index, insertion] of insertions.entries()) batch[index]?.resolve(insertion);
      if (insertions.some(isTicket)) this.#noteSuccess(drafts);
    } catch (error) {
      const isWhole = concernsWholeDatabase(error);
      // Only when it is sure that none of them was created. One that waited for a lock may have been what kept its holder.
      const isWorthwhile = batch.length > 1 || (!isLone && isLockTimeout(error));
      if (!isWhole && isWorthwhile && isServerError(error)) return this.#alone.add(batch);
      this.#outage.noteFailure(error, now);
      const [only, another] = batch;
      if (!isWhole && only && !another) this.#alone.suspect(only.draft);
      for (const { reject } of batch) reject(error);
    }
  }

  #noteSuccess([only, another]: readonly ShopTicketDraft[]): void {
    this.#outage.noteSuccess();
    if (only && !another) this.#alone.trust(only);
  }
}
