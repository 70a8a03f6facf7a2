import Fastify from 'fastify';
import { GraphQLScalarType } from 'graphql';
import mercurius from 'mercurius';
import { findShop, insertTicket, type NewTicket } from './by-hand.ts';
import type { KeyShop } from './key-cache.ts';
import { schema } from './mercurius-schema.ts';

// Mercurius compiles an operation when it comes for the second time. The SQL is that of the route written by hand.

declare module 'mercurius' {
  interface MercuriusContext {
    readonly shop: KeyShop;
  }
}

const dateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString();
    throw new TypeError('DateTime must be a date');
  },
  parseValue: (value) => {
    if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) return value;
    throw new TypeError('DateTime must be an ISO 8601 date');
  },
});

const invalidChannel = {
  __typename: 'InvalidInputError',
  code: 'INVALID_INPUT',
  message: 'channel is required',
  fields: [{ path: ['channel'], code: 'REQUIRED', message: 'channel is required' }],
};
const failures = {
  'customer not found': {
    __typename: 'CustomerNotFoundError',
    code: 'CUSTOMER_NOT_FOUND',
    message: 'Customer not found',
  },
  'assignee not found': {
    __typename: 'AssigneeNotFoundError',
    code: 'ASSIGNEE_NOT_FOUND',
    message: 'Assignee not found',
  },
};

const resolvers = {
  DateTime: dateTime,
  CreateTicketResult: { resolveType: ({ __typename }: { __typename: string }) => __typename },
  Error: { resolveType: ({ __typename }: { __typename: string }) => __typename },
  Query: {
    shopDomain: (_root: unknown, _args: unknown, { shop }: { shop: KeyShop }) => shop.domain,
  },
  Mutation: {
    createTicket: async (_root: unknown, { input }: { input: NewTicket }, { shop }: { shop: KeyShop }) => {
      if (input.channel.trim() === '') return invalidChannel;
      const inserted = await insertTicket(shop, input);
      if (typeof inserted === 'string') return failures[inserted];
      return { __typename: 'CreateTicketSuccess', replayed: false, ticket: { ...input, ...inserted } };
    },
  },
};

const server = Fastify({ bodyLimit: 512 * 1024 });

await server.register(mercurius, {
  schema,
  resolvers,
  jit: 1,
  context: async ({ headers }) => {
    const key = headers['x-api-key'];
    const shop = typeof key === 'string' ? await findShop(key) : undefined;
    if (shop === undefined) throw new mercurius.ErrorWithProps('Invalid API key', {}, 401);
    return { shop };
  },
});

await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
