import { AsyncResource } from 'node:async_hooks';
import { MOST_OF_A_SHOP, poolShares } from '../db/pool-shares.ts';
import { TookTooLongError } from '../errors.ts';

/**
 * Lets requests look things up in the database a few at a time: those of a shop in their order, and the shops by turns,
 * so that what one of them asks for keeps neither the process nor the connections from the others.
 */
export class Turns {
  readonly #patience: number;
  /** By the numbers of the shops, whose turns come in this order. */
  readonly #waiting = new Map<number, (() => Promise<void>)[]>();
  readonly #underWay: number[] = [];

  /** What has waited for so many milliseconds is given up. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Does a shop's work when it is its turn. Fails with a TookTooLongError when that does not come in time. */
  run<Result>(shopId: number, work: () => PromiseLike<Result> | Result): Promise<Result> {
    const until = performance.now() + this.#patience;
    return new Promise((resolve, reject) => {
      // In the trace of whom it is for, not of whom it waits for.
      const turn = AsyncResource.bind(async () => {
        if (performance.now() > until) return reject(new TookTooLongError());
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        }
      });
      const waiting = this.#waiting.get(shopId);
      if (waiting) waiting.push(turn);
      else this.#waiting.set(shopId, [turn]);
      this.#takeTurns();
    });
  }

  #takeTurns(): void {
    for (const [shopId, turns] of this.#waiting) {
      if (this.#underWay.length >= poolShares.queries) return;
      if (this.#underWay.filter((id) => id === shopId).length >= MOST_OF_A_SHOP) continue;
      this.#waiting.delete(shopId);
      const turn = turns.shift();
      // Behind the others, to which this iteration comes before it comes back.
      if (turns.length > 0) this.#waiting.set(shopId, turns);
      if (turn) void this.#take(shopId, turn);
    }
  }

  async #take(shopId: number, turn: () => Promise<void>): Promise<void> {
    this.#underWay.push(shopId);
    await turn();
    this.#underWay.splice(this.#underWay.indexOf(shopId), 1);
    this.#takeTurns();
  }
}
