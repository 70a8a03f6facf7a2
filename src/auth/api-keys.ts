import type { PrismaClient } from '../db/generated/prisma/client.ts';
import { OperatorError } from '../operator-error.ts';
import { findShop } from '../shops/shops.ts';
import { hashKeyText, isDamagedKeyText, isPossibleKeyText, mintKeyText, shownPrefix } from './key-text.ts';
import type { Scope } from './scopes.ts';

/** A key as operators see it: everything but its text. */
export interface ApiKeyListing {
  readonly id: number;
  /** Domain of the shop. */
  readonly shop: string;
  readonly name: string;
  /** The first characters of the key. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** To the minute; null when the key was never used. */
  readonly lastUsedAt: Date | null;
  /** Tickets a second; null for the gateway's own setting. */
  readonly rateLimit: number | null;
  /** Tickets on top of that at once; null for the gateway's own setting. */
  readonly rateLimitBurst: number | null;
}

/** A key that was just made; the only time that its text is seen. */
export interface NewApiKey extends ApiKeyListing {
  readonly key: string;
}

/** What a new key is to be. */
export interface ApiKeyRequest {
  /** Domain of an open shop. */
  readonly shop: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
  /** Tickets a second, from 1 to 1,000,000; without it the gateway's own setting. */
  readonly rateLimit?: number | undefined;
  /** Tickets on top of that at once, from 0 to 1,000,000; without it the gateway's own setting. */
  readonly rateLimitBurst?: number | undefined;
  /** The text of a key that a client holds already; without it a new one is minted. */
  readonly existingKey?: string | undefined;
}

const withShop = { include: { shop: { select: { domain: true } } } } as const;

interface ApiKeyRow extends Omit<ApiKeyListing, 'shop'> {
  readonly shop: { readonly domain: string };
}

const listingOf = (row: ApiKeyRow): ApiKeyListing => ({
  id: row.id,
  shop: row.shop.domain,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes,
  createdAt: row.createdAt,
  expiresAt: row.expiresAt,
  revokedAt: row.revokedAt,
  lastUsedAt: row.lastUsedAt,
  rateLimit: row.rateLimit,
  rateLimitBurst: row.rateLimitBurst,
});

/** Mints a key, or imports an existing one, for a shop. Only the SHA-256 of its text is stored. */
export async function createApiKey(prisma: PrismaClient, request: ApiKeyRequest): Promise<NewApiKey> {
  const shop = await findShop(prisma, request.shop);
  if (shop.closedAt !== null) throw new OperatorError(`The shop ${request.shop} is closed`);
  if (request.name.trim() === '') throw new OperatorError('A key needs a name');
  const key = request.existingKey ?? mintKeyText();
  if (isDamagedKeyText(key)) throw new OperatorError('The key was cut or mistyped: its checksum is wrong');
  if (!isPossibleKeyText(key)) {
    throw new OperatorError('An existing key must be 8 to 255 printable ASCII characters without spaces');
  }
  const hash = hashKeyText(key);
  if ((await prisma.apiKey.count({ where: { hash } })) > 0)
    throw new OperatorError('This key exists already');
  const data = {
    shopId: shop.id,
    name: request.name,
    hash,
    prefix: shownPrefix(key),
    scopes: [...request.scopes],
    expiresAt: request.expiresAt,
    rateLimit: request.rateLimit ?? null,
    rateLimitBurst: request.rateLimitBurst ?? null,
  };
  const { id, ...listing } = listingOf(await prisma.apiKey.create({ data, ...withShop }));
  return { id, key, ...listing };
}

/** Lists the keys of one shop or of all, oldest first. */
export async function listApiKeys(prisma: PrismaClient, shop: string | undefined): Promise<ApiKeyListing[]> {
  const where = shop === undefined ? {} : { shopId: (await findShop(prisma, shop)).id };
  return (await prisma.apiKey.findMany({ where, orderBy: { id: 'asc' }, ...withShop })).map(listingOf);
}

/** Revokes a key; to revoke it again changes nothing. Every process refuses it within five seconds. */
export async function revokeApiKey(prisma: PrismaClient, id: number): Promise<ApiKeyListing> {
  await prisma.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } });
  const row = await prisma.apiKey.findUnique({ where: { id }, ...withShop });
  if (row === null) throw new OperatorError(`There is no key with the id ${id}`);
  return listingOf(row);
}
