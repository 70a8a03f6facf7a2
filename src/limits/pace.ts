import { setImmediate as nextTurn } from 'node:timers/promises';
import { NO_SHOP, ShopQueue } from './shop-queue.ts';

// So many go on in each turn of the event loop.
const IN_A_TURN = 8;
// Who is late goes on as long as that takes no longer than all else took since the turn before, nor than this: whoever
// connects is accepted in a turn of his own.
const MOST_OF_A_TURN_MS = 5;
const LATE_AFTER_MS = 20;

interface Waiting {
  readonly since: number;
  readonly goOn: () => void;
}

/**
 * Lets those go on one after another, and the shops by turns, who wait for what keeps others waiting: so many in each turn
 * of the event loop. Beyond that a busy process lets them wait: until they are late, and longer only when they would take
 * half its time.
 */
export class Pace {
  readonly #lateAfter: number;
  readonly #waiting = new ShopQueue<Waiting>();
  #isBusy = false;

  /** Who has waited for more milliseconds than these is late. */
  constructor(lateAfter = LATE_AFTER_MS) {
    this.#lateAfter = lateAfter;
  }

  /** Resolves when it is the turn of the one who waits on behalf of a shop. */
  turn(shopId = NO_SHOP): Promise<void> {
    return new Promise((goOn) => {
      this.#waiting.add(shopId, { since: performance.now(), goOn });
      if (!this.#isBusy) void this.#goThrough();
    });
  }

  async #goThrough(): Promise<void> {
    this.#isBusy = true;
    for (let ended = performance.now(); this.#waiting.size > 0; ended = performance.now()) {
      await nextTurn();
      const began = performance.now();
      for (let count = 0; this.#isDue(count, began, Math.min(began - ended, MOST_OF_A_TURN_MS)); count += 1) {
        this.#waiting.take()?.goOn();
        // Lets what that one does come first, so that the clock sees what it takes.
        await null;
      }
    }
    this.#isBusy = false;
  }

  #isDue(count: number, began: number, longest: number): boolean {
    const { next } = this.#waiting;
    if (next === undefined || count < IN_A_TURN) return next !== undefined;
    const now = performance.now();
    return now - next.since > this.#lateAfter && now - began < longest;
  }
}
