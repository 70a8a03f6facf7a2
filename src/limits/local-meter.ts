import { LRUCache } from 'lru-cache';
import type { Viewer } from '../auth/viewer.ts';
import { Bucket } from './bucket.ts';
import type { Clock, Meter } from './rate-limit.ts';

// A bucket that is forgotten is a full one when its key comes back: harmless for one that was not used lately.
const REMEMBERED_BUCKETS = 10_000;

/** Meters the keys in this process alone, in bounded memory and without waiting. */
export class LocalMeter implements Meter {
  readonly #buckets = new LRUCache<string, Bucket>({ max: REMEMBERED_BUCKETS });
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The key's bucket itself, so that a request costs no more than to find it. */
  allowanceOf({ meteredAs, rateLimit }: Viewer): Bucket {
    let bucket = this.#buckets.get(meteredAs);
    if (bucket === undefined) {
      bucket = new Bucket(rateLimit, this.#clock);
      this.#buckets.set(meteredAs, bucket);
    }
    bucket.limit = rateLimit;
    return bucket;
  }
}
