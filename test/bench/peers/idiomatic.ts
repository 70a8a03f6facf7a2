import { createServer } from 'node:http';
import { createGraphQLError, createYoga } from 'graphql-yoga';
import { prisma } from './idiomatic-builder.ts';
import { schema } from './idiomatic-schema.ts';
import { withKeyCache } from './key-cache.ts';

// Yoga, Pothos and Prisma, each used as its documentation teaches.

const findShop = withKeyCache(async (hash) => {
  const key = await prisma.apiKey.findUnique({ where: { hash, revokedAt: null }, include: { shop: true } });
  return key?.shop.closedAt === null ? key.shop : undefined;
});

const yoga = createYoga({
  schema,
  context: async ({ request }) => {
    const shop = await findShop(request.headers.get('x-api-key') ?? '');
    if (shop === undefined) {
      throw createGraphQLError('Invalid API key', { extensions: { http: { status: 401 } } });
    }
    return { shop };
  },
});

createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
