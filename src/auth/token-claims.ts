import { isStorable, LARGEST_INTEGER } from '../db/column-limits.ts';
import { onlyScopes, type Scope } from './scopes.ts';
import type { ClaimNames } from './token-settings.ts';
import { InvalidTokenError } from './token-text.ts';

/** What a token says that its issuer has signed. */
export interface TokenClaims {
  readonly issuer: string;
  /** Who it was issued to: `sub`. */
  readonly subject: string;
  /** Domain of the shop that it is for. */
  readonly shop: string;
  readonly scopes: readonly Scope[];
  /** The agent that it speaks for, who may be none of the shop's. */
  readonly agentId: number | undefined;
  /** Milliseconds since 1970 at which it stops being good. */
  readonly expiresAt: number;
}

/** Verifies a token and reads it. Fails with INVALID_TOKEN, or UNAVAILABLE while the issuer's keys cannot be had. */
export type VerifyToken = (text: string) => Promise<TokenClaims>;

const badClaim = (name: string, what: string) => new InvalidTokenError(`The claim ${name} must be ${what}`);

/** Reads a claim that must be a text: not an empty one, nor one that PostgreSQL cannot hold. */
export function readText(payload: Readonly<Record<string, unknown>>, name: string): string {
  const value = payload[name];
  const isText = typeof value === 'string' && value !== '' && isStorable(value);
  if (isText) return value;
  throw value === undefined
    ? new InvalidTokenError(`The claim ${name} is missing`)
    : badClaim(name, 'a text');
}

/** Reads the gateway's own claims. Throws INVALID_TOKEN with the name of the one that cannot be read. */
export function readClaims(
  payload: Readonly<Record<string, unknown>>,
  names: ClaimNames,
): Pick<TokenClaims, 'shop' | 'scopes' | 'agentId'> {
  return {
    shop: readText(payload, names.shop).toLowerCase(),
    scopes: onlyScopes(readNames(payload[names.scope], names.scope)),
    agentId: readAgent(payload[names.agent] ?? undefined, names.agent),
  };
}

function readNames(value: unknown = [], name: string): string[] {
  const list: unknown[] | undefined = typeof value === 'string' ? value.split(' ') : undefined;
  const names = list ?? value;
  if (Array.isArray(names) && names.every((each) => typeof each === 'string')) return names;
  throw badClaim(name, 'a text or a list of texts');
}

function readAgent(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  const isNumeral = typeof value === 'string' && /^\d{1,10}$/.test(value);
  const number = isNumeral ? Number(value) : value;
  const isPossible = typeof number === 'number' && Number.isInteger(number) && number > 0;
  if (isPossible && number <= LARGEST_INTEGER) return number;
  throw badClaim(name, 'the number of an agent');
}
