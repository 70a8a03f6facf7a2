import type { Viewer } from '../auth/viewer.ts';
import type { Bounds } from '../whole-number.ts';

/** A token bucket's measure: how many tokens it holds, and how fast taken ones come back. */
export interface RateLimit {
  /** Tokens that come back in a second. */
  readonly rate: number;
  /** Most tokens that can be taken at once. */
  readonly capacity: number;
}

/** Tickets a second that a key may be allowed, */
export const RATE_BOUNDS: Bounds = [1, 1_000_000];
/** and at once on top of those. */
export const BURST_BOUNDS: Bounds = [0, 1_000_000];

/** What can still be taken from a bucket. */
export interface Quota {
  /** Whole tokens that are there now. */
  readonly remaining: number;
  /** Milliseconds until all tokens are there again. */
  readonly millisecondsUntilWhole: number;
}

/**
 * What one request may take: a token for every ticket that it creates, one after another. Answers at once, or
 * with a promise when others share the bucket; never fails.
 */
export interface Allowance {
  /** Takes a token and returns 0, or takes none and returns the milliseconds until one is there. */
  take(): number | Promise<number>;
  /** Gives back the token that was taken last. */
  giveBack(): void | Promise<void>;
  /** Tells what is left. */
  look(): Quota | Promise<Quota>;
}

/** Keeps the bucket of every credential. */
export interface Meter {
  allowanceOf(viewer: Viewer): Allowance;
}

/** Milliseconds of a clock that only goes forward, such as `performance.now()`. */
export type Clock = () => number;

/** Milliseconds until there is a token, with none there now. */
export function millisecondsUntilOne({ rate, capacity }: RateLimit, millisecondsUntilWhole: number): number {
  return millisecondsUntilWhole - ((capacity - 1) * 1000) / rate;
}

/** A wait in the whole seconds of `Retry-After`: at least 1, and never too short. */
export function retryAfter(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds / 1000)));
}
