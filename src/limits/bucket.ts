import {
  type Allowance,
  type Clock,
  millisecondsUntilOne,
  type Quota,
  type RateLimit,
} from './rate-limit.ts';

/** A token bucket in this process, full at first. Tokens come back steadily, not all at once. */
export class Bucket implements Allowance {
  /** May be changed at any time: what was taken stays taken, as far as the new capacity goes. */
  limit: RateLimit;
  readonly #clock: Clock;
  #taken = 0;
  #countedAt: number;

  constructor(limit: RateLimit, clock: Clock) {
    this.limit = limit;
    this.#clock = clock;
    this.#countedAt = clock();
  }

  /** Takes a token and returns 0, or takes none and returns the milliseconds until one is there. */
  take(): number {
    this.#count();
    if (this.#taken + 1 > this.limit.capacity) {
      return millisecondsUntilOne(this.limit, this.#millisecondsUntilWhole());
    }
    this.#taken += 1;
    return 0;
  }

  /** Gives a token back. */
  giveBack(): void {
    this.#taken = Math.max(0, this.#taken - 1);
  }

  /** Tells what is left. */
  look(): Quota {
    this.#count();
    return {
      remaining: Math.floor(this.limit.capacity - this.#taken),
      millisecondsUntilWhole: this.#millisecondsUntilWhole(),
    };
  }

  #millisecondsUntilWhole(): number {
    return (this.#taken * 1000) / this.limit.rate;
  }

  #count(): void {
    const now = this.#clock();
    const { rate, capacity } = this.limit;
    const returned = ((now - this.#countedAt) * rate) / 1000;
    this.#taken = Math.min(capacity, Math.max(0, this.#taken - returned));
    this.#countedAt = now;
  }
}
