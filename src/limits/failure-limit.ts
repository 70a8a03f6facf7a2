import { LRUCache } from 'lru-cache';
import { GatewayError } from '../errors.ts';
import { Bucket } from './bucket.ts';
import { type Clock, type Quota, type RateLimit, retryAfter } from './rate-limit.ts';

// Of addresses that failed to authenticate; a full bucket is the same as none.
const REMEMBERED_ADDRESSES = 10_000;

/** Limits how often clients at one address fail to authenticate, in bounded memory. */
export class FailureLimit {
  /** So many failures a second, and at once. */
  readonly limit: RateLimit;
  readonly #clock: Clock;
  readonly #buckets = new LRUCache<string, Bucket>({ max: REMEMBERED_ADDRESSES });

  /** So many failures a minute, and as many at once. */
  constructor(failuresPerMinute: number, clock: Clock) {
    this.limit = { rate: failuresPerMinute / 60, capacity: failuresPerMinute };
    this.#clock = clock;
  }

  /** Counts a failure, also one that may yet turn out to be none. Throws RATE_LIMITED when it is one too many. */
  count(address: string): void {
    const wait = this.#bucketOf(address).take();
    if (wait === 0) return;
    throw new GatewayError('RATE_LIMITED', 'Too many requests with an invalid API key or token', {
      'retry-after': retryAfter(wait),
    });
  }

  /** Whether one more failure would not be too many. */
  hasRoom(address: string): boolean {
    return this.look(address).remaining > 0;
  }

  /** Takes back what was counted, because it was no failure. */
  forgive(address: string): void {
    this.#buckets.get(address)?.giveBack();
  }

  /** Tells how many failures are left. */
  look(address: string): Quota {
    // Whoever has not failed is not remembered for having been looked at.
    return (this.#buckets.peek(address) ?? new Bucket(this.limit, this.#clock)).look();
  }

  #bucketOf(address: string): Bucket {
    let bucket = this.#buckets.get(address);
    if (bucket === undefined) {
      bucket = new Bucket(this.limit, this.#clock);
      this.#buckets.set(address, bucket);
    }
    return bucket;
  }
}
