import { LRUCache } from 'lru-cache';
import type { Database } from '../db/database.ts';
import { GatewayError } from '../errors.ts';
import type { RateLimit } from '../limits/rate-limit.ts';
import { NO_SHOP } from '../limits/shop-queue.ts';
import type { Turns } from '../limits/turns.ts';
import type { Logger } from '../log.ts';
import { isPossibleKeyText } from './key-text.ts';
import { KeyUses } from './key-uses.ts';
import { type KnownCredential, KnownCredentials, METERED_AS_LENGTH } from './known-credentials.ts';
import { onlyScopes } from './scopes.ts';

// Short, so that a key that was tried a moment before it was imported works almost at once.
const UNKNOWN_KEY_TTL_MS = 1_000;
// Known and unknown keys are remembered apart: a flood of bad keys cannot push out the good ones.
const REMEMBERED_UNKNOWN_KEYS = 10_000;

const invalidKey = () =>
  new GatewayError('INVALID_API_KEY', 'Unauthorized - Invalid API key', {
    'www-authenticate': 'Bearer error="invalid_token"',
  });

/** The API keys of the database, by their hashes. */
export class KnownKeys extends KnownCredentials {
  readonly #database: Database;
  readonly #turns: Turns;
  readonly #uses: KeyUses;
  readonly #rateLimit: RateLimit;
  readonly #unknown = new LRUCache<string, true>({ max: REMEMBERED_UNKNOWN_KEYS, ttl: UNKNOWN_KEY_TTL_MS });

  /** The rate limit is that of keys that have none of their own. */
  constructor(database: Database, turns: Turns, rateLimit: RateLimit, log: Logger) {
    super();
    this.#database = database;
    this.#turns = turns;
    this.#rateLimit = rateLimit;
    this.#uses = new KeyUses(database, log);
  }

  override expired = invalidKey;

  protected override async ask(text: string, hash: string): Promise<KnownCredential> {
    if (!isPossibleKeyText(text) || this.#unknown.has(hash)) throw invalidKey();
    const find = () => this.#database.prisma.apiKey.findUnique({ where: { hash }, include: { shop: true } });
    // What may be a guess, which anybody can make, keeps neither the process nor the connections from the others.
    const row = await (this.wasGood(hash) ? find() : this.#turns.run(NO_SHOP, find));
    if (row === null || row.revokedAt !== null) {
      this.#unknown.set(hash, true);
      throw invalidKey();
    }
    this.#uses.note(row.id, row.lastUsedAt);
    const expiresAt = row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    if (row.shop.closedAt !== null) return { viewer: undefined, expiresAt };
    const rate = row.rateLimit ?? this.#rateLimit.rate;
    const burst = row.rateLimitBurst ?? this.#rateLimit.capacity - this.#rateLimit.rate;
    const viewer = {
      shop: { id: row.shop.id, domain: row.shop.domain },
      scopes: onlyScopes(row.scopes),
      credential: 'API key' as const,
      apiKeyId: row.id,
      rateLimit: { rate, capacity: rate + burst },
      meteredAs: hash.slice(0, METERED_AS_LENGTH),
    };
    return { viewer, expiresAt };
  }
}
