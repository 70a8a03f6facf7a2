import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { openKeySet } from './key-set.ts';
import { readClaims, readText, type VerifyToken } from './token-claims.ts';
import type { TokenSettings } from './token-settings.ts';
import { InvalidTokenError, TokenExpiredError } from './token-text.ts';

// By how many seconds the issuer's clock may differ.
const CLOCK_TOLERANCE = 10;
// Of a request's deadline, of which authentication has half: some is left for the database.
const SHARE_FOR_KEYS = 0.4;

const WITH_PUBLIC_KEYS = ['RS', 'PS', 'ES'].flatMap((kind) =>
  [256, 384, 512].map((bits) => `${kind}${bits}`),
);
// A secret must have as many bits as the hash, as RFC 7518 has it.
const withSecret = (bytes: number) =>
  [256, 384, 512].filter((bits) => bytes * 8 >= bits).map((bits) => `HS${bits}`);

const claimProblems: Readonly<Record<string, string>> = {
  iss: 'The token is of another issuer',
  aud: 'The token is for another audience',
  nbf: 'The token is not valid yet',
};

// What jose finds wrong, in words that say nothing of what is in the token. All but the first two are told of a
// token whose signature is good, to who has it from the issuer.
function refusalOf(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new InvalidTokenError('The token is signed with an algorithm that is not taken');
  }
  if (error instanceof errors.JWTExpired) return new TokenExpiredError();
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = error;
    if (reason === 'missing') return new InvalidTokenError(`The claim ${claim} is missing`);
    if (reason === 'invalid') return new InvalidTokenError(`The claim ${claim} must be a number`);
    return new InvalidTokenError(claimProblems[claim] ?? 'The token is not valid');
  }
  return new InvalidTokenError('The token is malformed, or its signature is not valid');
}

type Verification = (text: string, options: JWTVerifyOptions) => Promise<JWTPayload>;

async function openVerification(
  { signedWith }: TokenSettings,
  patience: number,
  log: Logger,
): Promise<Verification> {
  if ('secret' in signedWith) {
    const secret = new TextEncoder().encode(signedWith.secret);
    const algorithms = withSecret(secret.length);
    return async (text, options) => (await jwtVerify(text, secret, { ...options, algorithms })).payload;
  }
  const keySet = await openKeySet(signedWith.keySetUrl, patience, log);
  const algorithms = [...WITH_PUBLIC_KEYS, 'EdDSA', 'Ed25519'];
  return async (text, options) => (await jwtVerify(text, keySet, { ...options, algorithms })).payload;
}

/**
 * Makes the verification of tokens: their signature, by an algorithm that fits what they are signed with, their
 * time, issuer, audience, and the claims that the gateway reads. Keys that are published are asked for at once.
 * The deadline is that of a request, in milliseconds.
 */
export async function openTokenVerifier(
  settings: TokenSettings,
  requestDeadline: number,
  log: Logger,
): Promise<VerifyToken> {
  const verify = await openVerification(settings, Math.floor(requestDeadline * SHARE_FOR_KEYS), log);
  const { issuer, audience, claims } = settings;
  const options = { issuer, audience, clockTolerance: CLOCK_TOLERANCE, requiredClaims: ['exp'] };
  return async (text) => {
    const payload = await verify(text, options).catch((error: unknown) => {
      throw refusalOf(error);
    });
    const expiresAt = (Number(payload.exp) + CLOCK_TOLERANCE) * 1000;
    return { issuer, subject: readText(payload, 'sub'), ...readClaims(payload, claims), expiresAt };
  };
}
