import { LRUCache } from 'lru-cache';
import type { Database } from '../db/database.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { hashKeyText, isPossibleKeyText } from './key-text.ts';
import { type Scope, scopes } from './scopes.ts';
import type { Viewer } from './viewer.ts';

// How long a process goes on with what it knows of a key: the longest that a revocation can take.
const KNOWN_KEY_TTL_MS = 5_000;
// Shorter, so that a key that was tried a moment before it was imported works almost at once.
const UNKNOWN_KEY_TTL_MS = 1_000;
// Known and unknown keys are remembered apart: a flood of bad keys cannot push out the good ones.
const REMEMBERED_KEYS = 10_000;
const LAST_USED_PRECISION_MS = 60_000;

interface KnownKey {
  readonly viewer: Viewer;
  readonly expiresAt: Date | null;
  readonly shopClosed: boolean;
}

/** Tells on whose behalf a request with these headers acts, or throws a 400, 401 or 404 GatewayError. */
export type Authenticate = (headers: Headers) => Promise<Viewer>;

// A header that was sent several times arrives as one, joined by `, `, and no key holds a space. The parameters
// of other schemes than Bearer are separated so, too: such an Authorization is for somebody before the gateway.
const SEVERAL_KEYS = /, /;
const SEVERAL_CREDENTIALS = /^Bearer .*, |, Bearer /i;

/** The key's text: from `x-api-key`, or only when that header is absent, from `Authorization: Bearer`. */
function readKeyText(headers: Headers): string {
  const apiKey = headers.get('x-api-key');
  const authorization = headers.get('authorization') ?? '';
  if (SEVERAL_KEYS.test(apiKey ?? '') || SEVERAL_CREDENTIALS.test(authorization)) {
    throw new GatewayError('BAD_REQUEST', 'The API key must be sent once');
  }
  const text = apiKey ?? /^Bearer +(.*)$/i.exec(authorization)?.[1] ?? '';
  if (text.trim() === '') throw new GatewayError('MISSING_API_KEY', 'Missing API key');
  return text.trim();
}

/**
 * Makes the check of API keys. What the database said of a key is kept for five seconds, in bounded memory,
 * so that a busy key costs no query and a revoked one stops working within five seconds in every process.
 */
export function createAuthenticate(database: Database, log: Logger): Authenticate {
  const unknownKeys = new LRUCache<string, true>({ max: REMEMBERED_KEYS, ttl: UNKNOWN_KEY_TTL_MS });
  const knownKeys = new LRUCache<string, KnownKey>({
    max: REMEMBERED_KEYS,
    ttl: KNOWN_KEY_TTL_MS,
    fetchMethod: lookUp,
  });

  async function lookUp(hash: string): Promise<KnownKey | undefined> {
    const key = await database.prisma.apiKey.findUnique({ where: { hash }, include: { shop: true } });
    if (key === null || key.revokedAt !== null) {
      unknownKeys.set(hash, true);
      return undefined;
    }
    noteUse(key.id, key.lastUsedAt);
    return {
      viewer: {
        shop: { id: key.shop.id, domain: key.shop.domain },
        scopes: key.scopes.filter((scope): scope is Scope => scopes.some((known) => known === scope)),
        apiKeyId: key.id,
      },
      expiresAt: key.expiresAt,
      shopClosed: key.shop.closedAt !== null,
    };
  }

  // Not awaited: when a key was last used is for people to look at, and no request waits or fails for it.
  function noteUse(id: number, lastUsedAt: Date | null): void {
    const now = new Date();
    if (lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < LAST_USED_PRECISION_MS) return;
    database.prisma.apiKey
      .updateMany({ where: { id }, data: { lastUsedAt: now } })
      .catch((error: unknown) => log.warn({ err: error, apiKeyId: id }, 'last use of the key not recorded'));
  }

  return async function authenticate(headers) {
    const text = readKeyText(headers);
    const hash = hashKeyText(text);
    const key = isPossibleKeyText(text) && !unknownKeys.has(hash) ? await knownKeys.fetch(hash) : undefined;
    if (key === undefined || (key.expiresAt !== null && !(key.expiresAt.getTime() > Date.now()))) {
      throw new GatewayError('INVALID_API_KEY', 'Unauthorized - Invalid API key');
    }
    if (key.shopClosed) throw new GatewayError('SHOP_NOT_FOUND', 'Shop not found');
    return key.viewer;
  };
}
