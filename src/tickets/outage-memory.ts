import { concernsWholeDatabase, isTableLockTimeout } from '../db/outage.ts';

// So much longer than a ticket may take; then a ticket has to be tried again for it to be known whether the outage is
// over.
const MEMORY_MS = 2_000;

/** Remembers for a moment that the database took no tickets, be it only for want of space: reads may go on then. */
export class OutageMemory {
  readonly #patience: number;
  #outageAt = Number.NEGATIVE_INFINITY;
  #successAt = Number.NEGATIVE_INFINITY;

  /** A ticket is given up after so many milliseconds. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Whether it took none a moment ago, and has taken none since. */
  get isRecent(): boolean {
    return performance.now() - this.#outageAt < this.#patience + MEMORY_MS;
  }

  /** It took a ticket. */
  noteSuccess(): void {
    this.#outageAt = Number.NEGATIVE_INFINITY;
    this.#successAt = performance.now();
  }

  /** A statement failed that had begun at this moment. */
  noteFailure(error: unknown, begunAt: number): void {
    // Who has locked a table keeps all waiting, if none was created meanwhile.
    const keepsAll = isTableLockTimeout(error) && this.#successAt < begunAt;
    if (concernsWholeDatabase(error) || keepsAll) this.#outageAt = performance.now();
  }
}
