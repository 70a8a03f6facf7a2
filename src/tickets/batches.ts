import type { Database } from '../db/database.ts';
import { concernsWholeDatabase, isLockTimeout, isServerError } from '../db/outage.ts';
import { ShopQueue } from '../limits/shop-queue.ts';
import type { Observer } from '../telemetry/observer.ts';
import type { StatementSummary, Tracing } from '../telemetry/tracing.ts';
import type { Insertion, ShopTicketDraft } from './insert-tickets.ts';
import { LoneDrafts } from './lone-drafts.ts';
import { OutageMemory } from './outage-memory.ts';
import { sendDrafts } from './send-drafts.ts';
import { takeBatch } from './take-batch.ts';
import { type WaitingDraft, withoutLate } from './waiting-draft.ts';

// So many need not wait for the end of the turn: the database works on them while the others are still read.
const ENOUGH = 32;
// A statement that takes longer is held up by something that need not hold up the others.
const USUAL_MS = 25;

// So long a statement waits for a lock, for as long do those wait that came with whom it is held up by,
const LOCK_TIMEOUT_MS = 50;
// and so long one that is known to be held up, alone.
const HELD_LOCK_TIMEOUT_MS = 200;
// So much of the time that a statement may take, a ticket waits for locks in all.
const LOCK_PATIENCE = 2 / 3;

const summary: StatementSummary = { operation: 'INSERT', table: 'tickets' };

/** Drafts that a statement was to create, and why it did not. */
interface Failure {
  readonly drafts: readonly WaitingDraft[];
  readonly error: unknown;
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
  readonly #waiting = new ShopQueue<WaitingDraft>();
  #batches = 0;
  /** The statement that the next one waits for. */
  #latest: object | undefined;
  /** Runs out when that one takes longer than is usual. */
  readonly #usual = setTimeout(() => this.#waitNoLonger(), USUAL_MS).unref();
  #endOfTurn: NodeJS.Immediate | undefined;
  readonly #alone: LoneDrafts;
  readonly #lockPatience: number;

  /** A ticket is given up after so many milliseconds. */
  constructor(database: Database, patience: number, observer?: Observer, tracing?: Tracing) {
    this.#database = database;
    this.#outage = new OutageMemory(patience);
    this.#alone = new LoneDrafts(database.shares.loneDrafts, (one, isHeld) => this.#createAlone(one, isHeld));
    this.#lockPatience = patience * LOCK_PATIENCE;
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
      const waiting = { draft, since: performance.now(), until, resolve, reject, statement };
      if (this.#alone.isSuspect(waiting)) return this.#alone.add([waiting]);
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
    await this.#createBatch();
    this.#batches -= 1;
    if (this.#latest === statement) this.#latest = undefined;
    this.#prepareNext();
  }

  #waitNoLonger(): void {
    this.#latest = undefined;
    this.#prepareNext();
  }

  async #createBatch(): Promise<void> {
    const failure = await this.#send(takeBatch(this.#waiting), LOCK_TIMEOUT_MS);
    if (failure === undefined) return;
    const { drafts, error } = failure;
    // Only when it is sure that none of them was created.
    const isTheirs = isServerError(error) && !concernsWholeDatabase(error);
    if (isTheirs && (drafts.length > 1 || isLockTimeout(error))) return this.#alone.add(drafts);
    if (isTheirs) for (const one of drafts) this.#alone.suspect(one);
    this.#fail(failure);
  }

  async #createAlone(one: WaitingDraft, isHeld: boolean): Promise<boolean> {
    const failure = await this.#send([one], isHeld ? HELD_LOCK_TIMEOUT_MS : LOCK_TIMEOUT_MS);
    if (failure === undefined) return false;
    if (!concernsWholeDatabase(failure.error)) this.#alone.suspect(one);
    if (isLockTimeout(failure.error) && performance.now() - one.since < this.#lockPatience) return true;
    this.#fail(failure);
    return false;
  }

  async #send(all: readonly WaitingDraft[], lockTimeout: number): Promise<Failure | undefined> {
    const drafts = withoutLate(all);
    if (drafts.length === 0) return undefined;
    this.#observer?.batch(drafts.length);
    try {
      if (await sendDrafts(this.#database.sql, drafts, lockTimeout)) this.#noteSuccess(drafts);
      return undefined;
    } catch (error) {
      return { drafts, error };
    }
  }

  #noteSuccess([only, another]: readonly WaitingDraft[]): void {
    this.#outage.noteSuccess();
    if (only && !another) this.#alone.trust(only);
  }

  #fail({ drafts, error }: Failure): void {
    this.#outage.noteFailure(error, Math.min(...drafts.map(({ since }) => since)));
    for (const { reject } of drafts) reject(error);
  }
}
