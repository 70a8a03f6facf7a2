import { z } from 'zod';
import { isKeySetUrl, LEAST_SECRET_BYTES } from './auth/token-settings.ts';
import { readOrigins } from './http/cors.ts';
import { readNetworks } from './limits/client-address.ts';
import { type Bounds, readWholeNumber, wholeNumberWithin } from './whole-number.ts';

// What the text cannot be read as is told in the message.
const readBy = <Value>(read: (text: string) => Value | undefined, message: string) =>
  z.string().transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** A whole number within these bounds, both included. */
export const wholeNumber = (...bounds: Bounds) =>
  readBy((text) => readWholeNumber(text, bounds), wholeNumberWithin(bounds));

/** One of these words. */
export const oneOf = <const Value extends string>(values: readonly Value[]) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** `true` or `false`. */
export const switchedOn = oneOf(['true', 'false']).transform((value) => value === 'true');

const isUrl = (text: string, ...protocols: readonly string[]): boolean =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);

/** The URL of a PostgreSQL database. */
export const postgresUrl = z
  .string()
  .refine(
    (text) => isUrl(text, 'postgres:', 'postgresql:'),
    'must be a URL such as postgresql://user:password@host:5432/database',
  );

function isRedisUrl(text: string): boolean {
  if (!isUrl(text, 'redis:', 'rediss:')) return false;
  const { username, password } = new URL(text);
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** The URL of a Redis database. */
export const redisUrl = z
  .string()
  .refine(isRedisUrl, 'must be a URL such as redis://user:password@host:6379/0, with %25 for a percent sign');

/** The URL of an HTTP server. */
export const httpUrl = z
  .string()
  .refine((text) => isUrl(text, 'http:', 'https:'), 'must be a URL such as http://collector.example:4318');

/** A list of IP addresses and networks. */
export const networks = readBy(
  readNetworks,
  'must be IP addresses or networks such as 10.0.0.0/8, separated by commas',
);

/** Where an issuer of tokens publishes its keys. */
export const keySetUrl = z
  .string()
  .refine(isKeySetUrl, 'must be an https URL, without a password; http only for this machine');

/** A secret that tokens are signed with. */
export const tokenSecret = z
  .string()
  .refine(
    (text) => Buffer.byteLength(text) >= LEAST_SECRET_BYTES,
    `must have at least ${LEAST_SECRET_BYTES} bytes`,
  );

/** The name of a token's claim. It can stand in a header, which tells what is wrong with a token. */
export const claimName = z
  .string()
  .regex(/^[!#-[\]-~]+$/, 'must be the name of a claim, in ASCII without spaces and quotes');

/** A list of origins. */
export const origins = readBy(
  readOrigins,
  'must be origins such as https://app.example, without a path, separated by commas',
);
