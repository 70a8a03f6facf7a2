import { AsyncResource } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { mostOfAShop } from '../db/pool-shares.ts';
import { TookTooLongError } from '../errors.ts';
import { Shares } from './shares.ts';
import { ShopQueue } from './shop-queue.ts';

/**
 * Lets requests look things up in the database a few at a time: those of a shop in their order, and the shops by turns,
 * so that what one of them asks for keeps neither the process nor the connections from the others.
 */
export class Turns {
  readonly #share: number;
  readonly #patience: number;
  readonly #waiting = new ShopQueue<() => void>();
  readonly #underWay: Shares;

  /** So many have their turn at once, and what has waited for so many milliseconds is given up. */
  constructor(share: number, patience: number) {
    this.#share = share;
    this.#underWay = new Shares(share, mostOfAShop(share));
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
      this.#waiting.add(shopId, () => void this.#take(shopId, turn));
      this.#takeTurns();
    });
  }

  #takeTurns(): void {
    while (this.#underWay.total < this.#share) {
      const next = this.#waiting.take((shopId) => this.#underWay.hasRoom(shopId));
      if (next === undefined) return;
      next();
    }
  }

  async #take(shopId: number, turn: () => Promise<void>): Promise<void> {
    this.#underWay.take(shopId, 1);
    await turn();
    // What needed no wait for the database may have kept the process busy: the others are heard before the next.
    await nextTurn();
    this.#underWay.take(shopId, -1);
    this.#takeTurns();
  }
}
