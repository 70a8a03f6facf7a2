import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { TookTooLongError } from '../errors.ts';
import { HeavyUse } from './heavy-use.ts';
import { ShopQueue } from './shop-queue.ts';

// To parse, to hash or to write a text of so many bytes or characters takes longer than most requests take in all.
const LONG_TEXT = 16_384;
// A rest is for what comes meanwhile, of which there is always some after so long;
const LONGEST_REST_MS = 20;
// a shorter one than this, which is the shortest of a timer's, is put off until after the next piece.
const SHORTEST_REST_MS = 1;
// Meanwhile somebody may come who need not wait for its end.
const LOOK_INTERVAL_MS = 2;

interface Waiting {
  readonly shopId: number;
  readonly since: number;
  readonly goOn: () => void;
  readonly giveUp: (reason: TookTooLongError) => void;
}

// What others do at once, one step after another, is done by then.
const endOfSteps = () => new Promise<void>((resolve) => process.nextTick(resolve));

/**
 * Lets what keeps the process for milliseconds, in which nobody else is served, be done one piece after another, the shops by
 * turns: long texts that are parsed, prepared or shown, documents that are new, and inputs that are refused. As long as
 * other shops have requests under way, half of the time is theirs, for all but those shops that have little to do.
 */
export class HeavyWork {
  readonly #patience: number;
  readonly #isShared: (shopId: number) => boolean;
  readonly #waiting = new ShopQueue<Waiting>();
  readonly #use = new HeavyUse();
  /** Until then the others are to have the process for themselves, in milliseconds of `performance.now()`. */
  #restUntil = 0;
  #isUnderWay = false;

  /**
   * Who has waited for so many milliseconds does not go on at all. Is told whether others than a shop have requests under
   * way.
   */
  constructor(patience: number, isShared: (shopId: number) => boolean) {
    this.#patience = patience;
    this.#isShared = isShared;
  }

  /** Resolves when it is a shop's turn. Fails with a TookTooLongError when that does not come in time. */
  turn(shopId: number): Promise<void> {
    return new Promise((goOn, giveUp) => {
      this.#waiting.add(shopId, { shopId, since: performance.now(), goOn, giveUp });
      if (!this.#isUnderWay) void this.#goThrough();
    });
  }

  /** The same for a text of so many bytes or characters; at once when it is short. */
  async turnForText(shopId: number, length: number): Promise<void> {
    if (length >= LONG_TEXT) await this.turn(shopId);
  }

  async #goThrough(): Promise<void> {
    this.#isUnderWay = true;
    while (this.#waiting.size > 0) {
      await nextTurn();
      const next = this.#takeNext();
      if (next === undefined) await sleep(LOOK_INTERVAL_MS);
      else await this.#let(next);
    }
    this.#isUnderWay = false;
  }

  #takeNext(): Waiting | undefined {
    const now = performance.now();
    const isRestOver = this.#restUntil - now < SHORTEST_REST_MS;
    return this.#waiting.take(
      (shopId) => isRestOver || this.#use.isLittle(shopId, now) || !this.#isShared(shopId),
    );
  }

  async #let({ shopId, since, goOn, giveUp }: Waiting): Promise<void> {
    const began = performance.now();
    if (began - since > this.#patience) return giveUp(new TookTooLongError());
    goOn();
    await endOfSteps();
    const ended = performance.now();
    const restUntil = Math.max(this.#restUntil, ended) + ended - began;
    this.#restUntil = Math.min(restUntil, ended + LONGEST_REST_MS);
    this.#use.note(shopId, ended - began, ended);
  }
}
