import { Pace } from './pace.ts';

// To parse, to hash or to write one of so many bytes or characters takes longer than most requests take in all.
const LONG = 16_384;
// Each takes some milliseconds, in which nobody else is served.
const IN_A_TURN = 1;

/** Lets long texts be parsed, prepared and shown one in a turn of the event loop, the shops by turns. */
export class LongTexts {
  readonly #pace: Pace;

  /** Who has waited for so many milliseconds does not go on at all. */
  constructor(patience: number) {
    this.#pace = new Pace({ inATurn: IN_A_TURN, patience });
  }

  /**
   * Resolves when it is the turn of a shop's text of so many bytes or characters, at once when it is short. Fails with a
   * TookTooLongError when that does not come in time.
   */
  async turn(shopId: number, length: number): Promise<void> {
    if (length >= LONG) await this.#pace.turn(shopId);
  }
}
