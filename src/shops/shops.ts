import type { PrismaClient, Shop } from '../db/generated/prisma/client.ts';
import { OperatorError } from '../operator-error.ts';

const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** Finds a shop by its domain, in upper or lower case. Throws an OperatorError when there is none. */
export async function findShop(prisma: PrismaClient, domain: string): Promise<Shop> {
  const shop = await prisma.shop.findUnique({ where: { domain: domain.toLowerCase() } });
  if (shop === null) throw new OperatorError(`There is no shop with the domain ${domain}`);
  return shop;
}

/** Creates a shop. Its domain is stored in lower case and is unique. */
export async function createShop(
  prisma: PrismaClient,
  shop: { domain: string; name: string },
): Promise<Shop> {
  const domain = shop.domain.toLowerCase();
  if (!DOMAIN.test(domain)) throw new OperatorError(`${shop.domain} is not a domain such as a.example`);
  if ((await prisma.shop.count({ where: { domain } })) > 0) {
    throw new OperatorError(`A shop with the domain ${domain} exists already`);
  }
  return prisma.shop.create({ data: { domain, name: shop.name } });
}

/** Lists all shops, oldest first, the closed ones too. */
export function listShops(prisma: PrismaClient): Promise<Shop[]> {
  return prisma.shop.findMany({ orderBy: { id: 'asc' } });
}

/** Closes a shop: its keys answer 404 within five seconds, its tickets stay. To close it again changes nothing. */
export async function closeShop(prisma: PrismaClient, domain: string): Promise<Shop> {
  const { id } = await findShop(prisma, domain);
  await prisma.shop.updateMany({ where: { id, closedAt: null }, data: { closedAt: new Date() } });
  return prisma.shop.findUniqueOrThrow({ where: { id } });
}
