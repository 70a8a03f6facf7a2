import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { VerifyToken } from '../../src/auth/token-claims.ts';
import type { TokenSettings } from '../../src/auth/token-settings.ts';
import { openTokenVerifier } from '../../src/auth/token-verifier.ts';
import { createLogger } from '../../src/log.ts';
import { plantSecret, recordLog } from './log-record.ts';

export const ISSUER = 'https://login.example/';
export const AUDIENCE = 'https://tickets.example';

/** The settings of tokens that are signed with these keys; the names of the claims are the defaults. */
const settingsFor = (signedWith: TokenSettings['signedWith']): TokenSettings => ({
  signedWith,
  issuer: ISSUER,
  audience: AUDIENCE,
  claims: { shop: 'shop', scope: 'scope', agent: 'agent' },
});

/** A verification as `serve` opens it, with what it logs. */
export async function openVerifier(
  signedWith: TokenSettings['signedWith'],
  requestDeadline = 60_000,
): Promise<{ verifyToken: VerifyToken; log: Record<string, unknown>[] }> {
  const log: Record<string, unknown>[] = [];
  const write = (line: string) => {
    recordLog(line);
    log.push(JSON.parse(line));
  };
  const logger = createLogger({ level: 'trace', format: 'json', destination: { write } });
  return { log, verifyToken: await openTokenVerifier(settingsFor(signedWith), requestDeadline, logger) };
}

/** What a token is signed with: a private key by an algorithm, or a secret. */
export interface Signer {
  readonly alg: string;
  readonly kid?: string;
  readonly key: KeyObject | string;
}

/** A key pair: what signs, and what the issuer publishes. */
export interface SigningKey extends Signer {
  readonly key: KeyObject;
  readonly jwk: object;
}

const pairs = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
} as const;

let keyCount = 0;

/** Makes a key pair for an algorithm, with an id that no other has. */
export function makeSigningKey(alg: keyof typeof pairs): SigningKey {
  keyCount += 1;
  const kid = `key-${keyCount}`;
  const { privateKey, publicKey } = pairs[alg]();
  return { alg, kid, key: privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signatureOf(text: string, { alg, key }: Signer): string {
  if (alg === 'none') return '';
  const data = Buffer.from(text);
  const digest = `sha${alg.slice(2)}`;
  if (typeof key === 'string') return createHmac(digest, key).update(data).digest('base64url');
  if (alg === 'EdDSA') return sign(null, data, key).toString('base64url');
  return sign(digest, data, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}

/** Signs claims as an issuer does, by hand, so that the library under test does not judge its own work. */
export function signToken(claims: unknown, signer: Signer, header: object = {}): string {
  const { alg, kid } = signer;
  const text = `${part({ typ: 'JWT', alg, ...(kid !== undefined && { kid }), ...header })}.${part(claims)}`;
  const token = `${text}.${signatureOf(text, signer)}`;
  plantSecret(token);
  return token;
}

/** Seconds since 1970, so many from now. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** The claims of a good token for a shop, with some of them changed; undefined leaves one out. */
export const claimsFor = ({ domain }: { domain: string }, changes: object = {}): object => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'auth0|ada@people.example',
  exp: inSeconds(3600),
  jti: randomUUID(),
  shop: domain,
  scope: 'openid tickets:write tickets:read',
  ...changes,
});
