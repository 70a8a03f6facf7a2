import { Redis, ReplyError } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Viewer } from '../auth/viewer.ts';
import type { Logger } from '../log.ts';
import { LocalMeter } from './local-meter.ts';
import type { Allowance, Meter, RateLimit } from './rate-limit.ts';
import { redisBucket } from './redis-bucket.ts';
import { type RedisAnswer, SharedAllowance } from './shared-allowance.ts';

// The longest that a request waits for Redis.
const PATIENCE_MS = 250;
// A Redis that did not answer is asked again by one request in so long a time; the others do not wait for it.
const RETRY_INTERVAL_MS = 1_000;
const RECONNECT_INTERVAL_MS = 500;
const REMEMBERED_LIMITS = 1_000;

// Of no bucket's name, and gone at once.
const PROBE = 'ticket-gateway:probe';

/** Meters the keys in Redis, for all gateways that use it, and in this process while Redis is away. */
export class SharedMeter implements Meter {
  readonly #redis: Redis;
  readonly #local = new LocalMeter(() => performance.now());
  readonly #log: Logger;
  readonly #limiters = new LRUCache<string, RateLimiterRedis>({ max: REMEMBERED_LIMITS });
  #isAway = false;
  #askAgainAt = 0;

  private constructor(url: string, log: Logger) {
    this.#log = log;
    this.#redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: PATIENCE_MS,
      commandTimeout: PATIENCE_MS,
      // What cannot be asked at once is not asked: a late answer would be about nothing.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      retryStrategy: () => RECONNECT_INTERVAL_MS,
    });
    this.#redis.on('error', (error) => this.#noteAway(error));
    this.#redis.on('ready', () => {
      this.#askAgainAt = 0;
    });
  }

  /**
   * Connects to Redis. When that fails it says so in the log and meters in this process; the connection is tried
   * again for as long as the meter is open.
   */
  static async open(url: string, log: Logger): Promise<SharedMeter> {
    const meter = new SharedMeter(url, log);
    await meter.#redis.connect().catch((error: unknown) => meter.#noteAway(error));
    return meter;
  }

  /** Ends the connection to Redis. */
  close(): void {
    this.#redis.disconnect();
  }

  allowanceOf(viewer: Viewer): Allowance {
    return new SharedAllowance(this, this.#local.allowanceOf(viewer), viewer);
  }

  /** Has Redis take so many tokens: 1, 0 to look, or -1 to give one back. Undefined when Redis does not answer. */
  async ask({ meteredAs, rateLimit }: Viewer, tokens: 1 | 0 | -1): Promise<RedisAnswer | undefined> {
    const isRetry = this.#isAway;
    if (isRetry) {
      const now = performance.now();
      if (now < this.#askAgainAt) return undefined;
      this.#askAgainAt = now + RETRY_INTERVAL_MS;
    }
    try {
      // A Redis that is full, or a replica, answers who looks, and takes no tokens.
      if (isRetry) await this.#redis.set(PROBE, '', 'PX', RETRY_INTERVAL_MS);
      const state = await this.#limiterFor(rateLimit).penalty(meteredAs, tokens);
      this.#noteBack();
      return {
        granted: state.consumedPoints <= rateLimit.capacity,
        remaining: Math.floor(state.remainingPoints),
        millisecondsUntilWhole: state.msBeforeNext,
      };
    } catch (error) {
      // It was asked again and is silent: the connection may be dead without either side's knowing.
      const isSilent = this.#redis.status === 'ready' && !(error instanceof ReplyError);
      if (isRetry && isSilent) this.#redis.disconnect(true);
      this.#noteAway(error);
      return undefined;
    }
  }

  #limiterFor({ rate, capacity }: RateLimit): RateLimiterRedis {
    const name = `${rate}/${capacity}`;
    let limiter = this.#limiters.get(name);
    if (limiter === undefined) {
      limiter = new RateLimiterRedis({
        storeClient: this.#redis,
        keyPrefix: 'ticket-gateway:tickets',
        points: capacity,
        duration: capacity / rate,
        customIncrTtlLuaScript: redisBucket,
        rejectIfRedisNotReady: true,
      });
      this.#limiters.set(name, limiter);
    }
    return limiter;
  }

  #noteAway(error: unknown): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#askAgainAt = performance.now() + RETRY_INTERVAL_MS;
    this.#log.warn({ err: error }, 'Redis does not answer: this gateway limits rates by itself meanwhile');
  }

  #noteBack(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#log.info('Redis answers again: rates are limited over all gateways');
  }
}
