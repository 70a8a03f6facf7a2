import type { IncomingHttpHeaders } from 'node:http';
import type { BlockList } from 'node:net';
import { GatewayError, ShopNotFoundError } from '../errors.ts';
import type { Admission } from '../limits/admission.ts';
import { type Connection, clientNetwork } from '../limits/client-address.ts';
import type { FailureLimit } from '../limits/failure-limit.ts';
import { Guesses } from '../limits/guesses.ts';
import { NO_SHOP } from '../limits/shop-queue.ts';
import { hashKeyText } from './key-text.ts';
import { isRefusal, type KnownCredential, type KnownCredentials } from './known-credentials.ts';
import { isTokenText, TokenExpiredError } from './token-text.ts';
import type { Viewer } from './viewer.ts';

/**
 * Tells on whose behalf a request with these headers acts, which came over this connection, or throws a
 * GatewayError: 400, 401, 404, 503, or 429 when too many requests from there had no valid credential; or what the
 * database fails with. At once when the credential is remembered.
 */
export type Authenticate = (headers: IncomingHttpHeaders, connection: Connection) => Viewer | Promise<Viewer>;

// A header that was sent several times arrives as one, joined by `, `, and no key holds a space. The parameters
// of other schemes than Bearer are separated so, too: such an Authorization is for somebody before the gateway.
const SEVERAL_KEYS = /, /;
const SEVERAL_CREDENTIALS = /^Bearer .*, |, Bearer /i;

/** The credential: from `x-api-key`, or only when that header is absent, from `Authorization: Bearer`. */
function readCredential(headers: IncomingHttpHeaders): string {
  const apiKey = headers['x-api-key']?.toString();
  const { authorization = '' } = headers;
  if (SEVERAL_KEYS.test(apiKey ?? '') || SEVERAL_CREDENTIALS.test(authorization)) {
    throw new GatewayError('BAD_REQUEST', 'The credential must be sent once');
  }
  const text = apiKey ?? /^Bearer +(.*)$/i.exec(authorization)?.[1] ?? '';
  if (text.trim() === '') {
    throw new GatewayError('MISSING_API_KEY', 'Missing API key', { 'www-authenticate': 'Bearer' });
  }
  return text.trim();
}

// A token that has merely expired was made by its issuer, and is what every browser sends at some time.
const isFailure = (error: unknown): boolean => isRefusal(error) && !(error instanceof TokenExpiredError);

/**
 * Makes the check of credentials: of API keys, and where they are taken, of tokens. Failures are counted by where
 * they come from, and beyond the limit a credential is only looked up when it was good before: one in use is not
 * locked out by others at the same address. The address is that of the connection, or what trusted proxies tell of it.
 * Those that wait for a look-up share half of the queue, and beyond it are refused with UNAVAILABLE; one that was good
 * before has its place among the requests of its shop.
 */
export function createAuthenticate(
  keys: KnownCredentials,
  tokens: KnownCredentials | undefined,
  failures: FailureLimit,
  admission: Admission,
  trustedProxies: BlockList,
): Authenticate {
  const guesses = new Guesses(failures);

  async function find(
    credentials: KnownCredentials,
    text: string,
    hash: string,
    client: string,
  ): Promise<KnownCredential> {
    const lookUp = () => credentials.lookUp(text, hash);
    if (!credentials.isNoGuess(hash)) return guesses.try(client, lookUp, isFailure);
    try {
      return await lookUp();
    } catch (error) {
      if (isFailure(error)) failures.count(client);
      throw error;
    }
  }

  function admit(credentials: KnownCredentials, known: KnownCredential, clientOf: () => string): Viewer {
    if (!(known.expiresAt > Date.now())) {
      const error = credentials.expired();
      if (isFailure(error)) failures.count(clientOf());
      throw error;
    }
    if (known.viewer === undefined) throw new ShopNotFoundError();
    return known.viewer;
  }

  // A connection that is kept alive comes with the same credential again.
  const latest = new WeakMap<Connection, { readonly text: string; readonly hash: string }>();
  function hashOf(text: string, connection: Connection): string {
    const last = latest.get(connection);
    if (last?.text === text) return last.hash;
    const hash = hashKeyText(text);
    latest.set(connection, { text, hash });
    return hash;
  }

  return function authenticate(headers, connection) {
    const text = readCredential(headers);
    const isToken = tokens !== undefined && headers['x-api-key'] === undefined && isTokenText(text);
    const credentials = isToken ? tokens : keys;
    const hash = hashOf(text, connection);
    const clientOf = () => clientNetwork(connection, headers, trustedProxies);
    const known = credentials.recall(hash);
    if (known !== undefined) return admit(credentials, known, clientOf);
    const shopId = credentials.lastShopId(hash) ?? NO_SHOP;
    const found = admission.run(shopId, () => find(credentials, text, hash, clientOf()));
    return found.then((credential) => admit(credentials, credential, clientOf));
  };
}
