import { Command, InvalidArgumentError } from 'commander';
import { type ApiKeyListing, createApiKey, listApiKeys, revokeApiKey } from '../auth/api-keys.ts';
import { type Scope, scopes } from '../auth/scopes.ts';
import { BURST_BOUNDS, RATE_BOUNDS } from '../limits/rate-limit.ts';
import { type Bounds, readWholeNumber, wholeNumberWithin } from '../whole-number.ts';
import { group } from './group.ts';
import { type JsonOption, jsonOption, print, table } from './output.ts';
import { withDatabase } from './with-database.ts';

const millisecondsOf: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 };

function parseScopes(text: string): Scope[] {
  const known = new Map<string, Scope>(scopes.map((scope) => [scope, scope]));
  return [...new Set(text.split(','))].map((name) => {
    const scope = known.get(name.trim());
    if (scope === undefined) throw new InvalidArgumentError(`It must be a list of ${scopes.join(', ')}.`);
    return scope;
  });
}

function parseExpiry(text: string): Date {
  const [, count, unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  const expiry = new Date(Date.now() + Number(count) * (millisecondsOf[unit] ?? Number.NaN));
  if (Number.isNaN(expiry.getTime()) || expiry.getUTCFullYear() > 9999) {
    throw new InvalidArgumentError('It must be a time such as 30s, 15m, 12h or 90d.');
  }
  return expiry;
}

function parseId(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be the number of a key.');
}

const wholeNumber = (bounds: Bounds) => (text: string) => {
  const number = readWholeNumber(text, bounds);
  if (number !== undefined) return number;
  throw new InvalidArgumentError(`It ${wholeNumberWithin(bounds)}.`);
};

const tableOf = (keys: readonly ApiKeyListing[]) =>
  table(
    [
      ...['ID', 'SHOP', 'NAME', 'PREFIX', 'SCOPES', 'CREATED', 'EXPIRES', 'REVOKED', 'LAST USED'],
      ...['RATE LIMIT', 'BURST'],
    ],
    keys.map((key) => [
      key.id,
      key.shop,
      key.name,
      key.prefix,
      key.scopes.join(','),
      key.createdAt,
      key.expiresAt,
      key.revokedAt,
      key.lastUsedAt,
      key.rateLimit,
      key.rateLimitBurst,
    ]),
  );

interface CreateOptions extends JsonOption {
  readonly shop: string;
  readonly name: string;
  readonly scopes: Scope[];
  readonly expiresIn?: Date;
  readonly rateLimit?: number;
  readonly rateLimitBurst?: number;
  readonly key?: string;
}

const create = new Command('create')
  .description('mint a key for a shop, or import one; its text is shown once and never stored')
  .requiredOption('--shop <domain>', 'domain of the shop')
  .requiredOption('--name <name>', 'what the key is for, such as "Zapier"')
  .requiredOption('--scopes <list>', `any of ${scopes.join(', ')}, separated by commas`, parseScopes)
  .option(
    '--expires-in <time>',
    'time until it stops working: a number and s, m, h or d; never by default',
    parseExpiry,
  )
  .option(
    '--rate-limit <number>',
    "tickets a second that it may create; the gateway's RATE_LIMIT by default",
    wholeNumber(RATE_BOUNDS),
  )
  .option(
    '--rate-limit-burst <number>',
    "tickets at once on top of those; the gateway's RATE_LIMIT_BURST by default",
    wholeNumber(BURST_BOUNDS),
  )
  .option('--key <text>', 'text of a key that a v1 integration holds already, so that it keeps working')
  .option(...jsonOption)
  .action(async ({ expiresIn, key, json, ...rest }: CreateOptions) => {
    const request = { ...rest, expiresAt: expiresIn ?? null, existingKey: key };
    const created = await withDatabase(({ prisma }) => createApiKey(prisma, request));
    print({ json }, created, () => [
      ...tableOf([created]),
      '',
      `Key: ${created.key}`,
      'Keep it now: it is not stored and cannot be shown again.',
    ]);
  });

const list = new Command('list')
  .description('list keys, without their texts')
  .option('--shop <domain>', 'only those of this shop')
  .option(...jsonOption)
  .action(async ({ shop, ...options }: JsonOption & { shop?: string }) => {
    const keys = await withDatabase(({ prisma }) => listApiKeys(prisma, shop));
    print(options, keys, () => tableOf(keys));
  });

const revoke = new Command('revoke')
  .description('revoke a key: every process refuses it within five seconds')
  .requiredOption('--id <number>', 'number of the key', parseId)
  .option(...jsonOption)
  .action(async ({ id, ...options }: JsonOption & { id: number }) => {
    const key = await withDatabase(({ prisma }) => revokeApiKey(prisma, id));
    print(options, key, () => tableOf([key]));
  });

/** `keys create`, `keys list` and `keys revoke`. */
export const keysCommand = group('keys', 'create, list and revoke API keys', [create, list, revoke]);
