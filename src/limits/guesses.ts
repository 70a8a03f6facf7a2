import type { FailureLimit } from './failure-limit.ts';

/** What is tried from an address. */
interface Attempts {
  /** Each of them has taken what it may yet give back. */
  underWay: number;
  readonly waiting: (() => void)[];
}

/**
 * Tries what may be a failure. It is counted before that is known, so that many at once are no more than one after another,
 * and taken back if it was none; those for which there may yet be room wait until that is known.
 */
export class Guesses {
  readonly #failures: FailureLimit;
  readonly #attempts = new Map<string, Attempts>();

  constructor(failures: FailureLimit) {
    this.#failures = failures;
  }

  /** Tries one from an address; its error tells whether it was a failure. Throws RATE_LIMITED when it is one too many. */
  async try<Result>(
    address: string,
    attempt: () => Promise<Result>,
    isFailure: (error: unknown) => boolean,
  ): Promise<Result> {
    const attempts = this.#attempts.get(address) ?? { underWay: 0, waiting: [] };
    this.#attempts.set(address, attempts);
    try {
      while (!this.#failures.hasRoom(address) && attempts.underWay > 0) {
        await new Promise<void>((resolve) => attempts.waiting.push(resolve));
      }
      this.#failures.count(address);
      attempts.underWay += 1;
      return await this.#finish(address, attempts, attempt(), isFailure);
    } finally {
      const next = attempts.waiting.shift();
      if (next) next();
      else if (attempts.underWay === 0) this.#attempts.delete(address);
    }
  }

  async #finish<Result>(
    address: string,
    attempts: Attempts,
    attempt: Promise<Result>,
    isFailure: (error: unknown) => boolean,
  ): Promise<Result> {
    let failed = false;
    try {
      return await attempt;
    } catch (error) {
      failed = isFailure(error);
      throw error;
    } finally {
      attempts.underWay -= 1;
      if (!failed) this.#failures.forgive(address);
    }
  }
}
