import { LRUCache } from 'lru-cache';
import type { Database } from '../db/database.ts';
import type { RateLimit } from '../limits/rate-limit.ts';
import type { Logger } from '../log.ts';
import { type Scope, scopes } from './scopes.ts';
import type { Viewer } from './viewer.ts';

// How long a process goes on with what it knows of a key: the longest that a revocation can take.
const KNOWN_KEY_TTL_MS = 5_000;
// Shorter, so that a key that was tried a moment before it was imported works almost at once.
const UNKNOWN_KEY_TTL_MS = 1_000;
// Known and unknown keys are remembered apart: a flood of bad keys cannot push out the good ones.
const REMEMBERED_KEYS = 10_000;
const LAST_USED_PRECISION_MS = 60_000;
const METERED_AS_LENGTH = 32;

/** What the database says of a key that exists and was not revoked. */
export interface KnownKey {
  readonly viewer: Viewer;
  readonly expiresAt: Date | null;
  readonly shopClosed: boolean;
}

/**
 * The API keys of the database, by their hashes. What it said of a key is kept for five seconds, in bounded
 * memory, so that a busy key costs no query and a revoked one stops working within five seconds in every process.
 */
export class KnownKeys {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #rateLimit: RateLimit;
  readonly #unknown = new LRUCache<string, true>({ max: REMEMBERED_KEYS, ttl: UNKNOWN_KEY_TTL_MS });
  readonly #known = new LRUCache<string, KnownKey>({
    max: REMEMBERED_KEYS,
    ttl: KNOWN_KEY_TTL_MS,
    noDeleteOnStaleGet: true,
  });
  readonly #underWay = new Map<string, Promise<KnownKey | undefined>>();

  /** The rate limit is that of keys that have none of their own. */
  constructor(database: Database, rateLimit: RateLimit, log: Logger) {
    this.#database = database;
    this.#rateLimit = rateLimit;
    this.#log = log;
  }

  /** What the database said of a key lately. */
  recall(hash: string): KnownKey | undefined {
    return this.#known.get(hash);
  }

  /** Whether the database said lately that there is no such key. */
  isUnknown(hash: string): boolean {
    return this.#unknown.has(hash);
  }

  /** Whether to look the key up is no guess: it was good the last time, or is being looked up already. */
  isNoGuess(hash: string): boolean {
    return this.#underWay.has(hash) || this.#known.peek(hash, { allowStale: true }) !== undefined;
  }

  /** Asks the database for a key, once for all who ask at the same time; undefined when there is none. */
  lookUp(hash: string): Promise<KnownKey | undefined> {
    let answer = this.#underWay.get(hash);
    if (answer === undefined) {
      answer = this.#ask(hash).finally(() => this.#underWay.delete(hash));
      this.#underWay.set(hash, answer);
    }
    return answer;
  }

  async #ask(hash: string): Promise<KnownKey | undefined> {
    const row = await this.#database.prisma.apiKey.findUnique({ where: { hash }, include: { shop: true } });
    if (row === null || row.revokedAt !== null) {
      this.#known.delete(hash);
      this.#unknown.set(hash, true);
      return undefined;
    }
    this.#noteUse(row.id, row.lastUsedAt);
    const rate = row.rateLimit ?? this.#rateLimit.rate;
    const burst = row.rateLimitBurst ?? this.#rateLimit.capacity - this.#rateLimit.rate;
    const key: KnownKey = {
      viewer: {
        shop: { id: row.shop.id, domain: row.shop.domain },
        scopes: row.scopes.filter((scope): scope is Scope => scopes.some((known) => known === scope)),
        apiKeyId: row.id,
        rateLimit: { rate, capacity: rate + burst },
        meteredAs: hash.slice(0, METERED_AS_LENGTH),
      },
      expiresAt: row.expiresAt,
      shopClosed: row.shop.closedAt !== null,
    };
    this.#known.set(hash, key);
    return key;
  }

  // Not awaited: when a key was last used is for people to look at, and no request waits or fails for it.
  #noteUse(id: number, lastUsedAt: Date | null): void {
    const now = new Date();
    if (lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < LAST_USED_PRECISION_MS) return;
    this.#database.prisma.apiKey
      .updateMany({ where: { id }, data: { lastUsedAt: now } })
      .catch((error: unknown) =>
        this.#log.warn({ err: error, apiKeyId: id }, 'last use of the key not recorded'),
      );
  }
}
