import { hashKeyText, shownPrefix } from '../auth/key-text.ts';
import { scopes } from '../auth/scopes.ts';
import type { PrismaClient } from '../db/generated/prisma/client.ts';
import { OperatorError } from '../operator-error.ts';

/** Key of the demo shop. Everybody knows it: the demo shop is for trying things out and holds nothing else. */
export const DEMO_KEY = 'tgw_demo-key-of-the-embedded-gateway0db2c141';

const DOMAIN = 'demo.example';

/** The demo data: a shop with a customer, an agent and a key. */
export interface DemoShop {
  readonly shop: { readonly id: number; readonly domain: string };
  readonly customerId: number;
  readonly agentId: number;
  readonly key: string;
}

/** Finds the demo shop; undefined when it was never made, or was closed, or its key was revoked. */
export async function findDemoShop(prisma: PrismaClient): Promise<DemoShop | undefined> {
  const key = await prisma.apiKey.findUnique({
    where: { hash: hashKeyText(DEMO_KEY), revokedAt: null, shop: { closedAt: null } },
    include: {
      shop: {
        include: {
          customers: { take: 1, orderBy: { id: 'asc' } },
          users: { take: 1, orderBy: { id: 'asc' } },
        },
      },
    },
  });
  const [customer, agent] = [key?.shop.customers[0], key?.shop.users[0]];
  if (!key || !customer || !agent) return undefined;
  const { id, domain } = key.shop;
  return { shop: { id, domain }, customerId: customer.id, agentId: agent.id, key: DEMO_KEY };
}

/** Makes the demo shop. Done before, it changes nothing and returns what is there. */
export async function seedDemoShop(prisma: PrismaClient): Promise<DemoShop> {
  const existing = await findDemoShop(prisma);
  if (existing) return existing;
  if ((await prisma.shop.count({ where: { domain: DOMAIN } })) > 0) {
    throw new OperatorError(
      `The demo shop ${DOMAIN} was closed, or its key revoked: make a shop of your own`,
    );
  }
  await prisma.shop.create({
    data: {
      domain: DOMAIN,
      name: 'Demo shop',
      customers: {
        create: {
          email: 'ada@customer.example',
          firstName: 'Ada',
          lastName: 'Lovelace',
          phoneNumber: '+44 20 7946 0000',
        },
      },
      users: { create: { email: 'grace@demo.example', firstName: 'Grace', lastName: 'Hopper' } },
      apiKeys: {
        create: {
          name: 'Demo',
          hash: hashKeyText(DEMO_KEY),
          prefix: shownPrefix(DEMO_KEY),
          scopes: [...scopes],
        },
      },
    },
  });
  const demo = await findDemoShop(prisma);
  if (!demo) throw new Error('The demo shop was made and is not there');
  return demo;
}
