import type { IncomingHttpHeaders } from 'node:http';
import type { BlockList } from 'node:net';
import { GatewayError } from '../errors.ts';
import { type Connection, clientNetwork } from '../limits/client-address.ts';
import type { FailureLimit } from '../limits/failure-limit.ts';
import { hashKeyText, isPossibleKeyText } from './key-text.ts';
import type { KnownKey, KnownKeys } from './known-keys.ts';
import type { Viewer } from './viewer.ts';

/**
 * Tells on whose behalf a request with these headers acts, which came over this connection, or throws a
 * GatewayError: 400, 401, 404, or 429 when too many requests from there had no valid key. At once when the key is
 * remembered.
 */
export type Authenticate = (headers: IncomingHttpHeaders, connection: Connection) => Viewer | Promise<Viewer>;

// A header that was sent several times arrives as one, joined by `, `, and no key holds a space. The parameters
// of other schemes than Bearer are separated so, too: such an Authorization is for somebody before the gateway.
const SEVERAL_KEYS = /, /;
const SEVERAL_CREDENTIALS = /^Bearer .*, |, Bearer /i;

/** The key's text: from `x-api-key`, or only when that header is absent, from `Authorization: Bearer`. */
function readKeyText(headers: IncomingHttpHeaders): string {
  const apiKey = headers['x-api-key']?.toString();
  const { authorization = '' } = headers;
  if (SEVERAL_KEYS.test(apiKey ?? '') || SEVERAL_CREDENTIALS.test(authorization)) {
    throw new GatewayError('BAD_REQUEST', 'The API key must be sent once');
  }
  const text = apiKey ?? /^Bearer +(.*)$/i.exec(authorization)?.[1] ?? '';
  if (text.trim() === '') throw new GatewayError('MISSING_API_KEY', 'Missing API key');
  return text.trim();
}

const invalidKey = () => new GatewayError('INVALID_API_KEY', 'Unauthorized - Invalid API key');

const isExpired = ({ expiresAt }: KnownKey) => expiresAt !== null && !(expiresAt.getTime() > Date.now());

/**
 * Makes the check of API keys. Invalid ones are counted by where they come from, and beyond the limit a key is
 * only looked up in the database when it was good before: nobody is locked out by others at the same address.
 * The address is that of the connection, or what trusted proxies tell of it.
 */
export function createAuthenticate(
  keys: KnownKeys,
  failures: FailureLimit,
  trustedProxies: BlockList,
): Authenticate {
  async function find(text: string, hash: string, client: string): Promise<KnownKey> {
    const isPossible = isPossibleKeyText(text) && !keys.isUnknown(hash);
    if (isPossible && keys.isNoGuess(hash)) {
      const key = await keys.lookUp(hash);
      if (key !== undefined) return key;
    } else if (isPossible) {
      return lookUpGuess(hash, client);
    }
    failures.count(client);
    throw invalidKey();
  }

  // Counted before the answer is known, so that many guesses at once are no more than one after another.
  async function lookUpGuess(hash: string, client: string): Promise<KnownKey> {
    failures.count(client);
    let isGuess = false;
    try {
      const key = await keys.lookUp(hash);
      isGuess = key === undefined;
      if (key === undefined) throw invalidKey();
      return key;
    } finally {
      if (!isGuess) failures.forgive(client);
    }
  }

  function admit(key: KnownKey, clientOf: () => string): Viewer {
    if (isExpired(key)) {
      failures.count(clientOf());
      throw invalidKey();
    }
    if (key.shopClosed) throw new GatewayError('SHOP_NOT_FOUND', 'Shop not found');
    return key.viewer;
  }

  return function authenticate(headers, connection) {
    const text = readKeyText(headers);
    const hash = hashKeyText(text);
    const clientOf = () => clientNetwork(connection, headers, trustedProxies);
    const key = keys.recall(hash);
    if (key !== undefined) return admit(key, clientOf);
    return find(text, hash, clientOf()).then((found) => admit(found, clientOf));
  };
}
