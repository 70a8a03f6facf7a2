import { afterAll } from 'vitest';
import { createApiKey } from '../../src/auth/api-keys.ts';
import { type Scope, scopes } from '../../src/auth/scopes.ts';
import { readConfig } from '../../src/config.ts';
import type { Database } from '../../src/db/database.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import type { GatewayOptions } from '../../src/gateway-options.ts';
import { createLogger } from '../../src/log.ts';
import { listen, type RunningServer } from '../../src/server.ts';
import { openTestDatabase } from './database.ts';
import { plantSecret, recordLog } from './log-record.ts';

/** An answer, as far as tests compare it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A gateway on a database of its own. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly database: Database;
  /** Every line that was logged so far, parsed. */
  readonly log: Record<string, unknown>[];
  /** Sends a request to a path and reads the answer's JSON, or its text where it is none. */
  send(path: string, init?: RequestInit): Promise<Answer>;
}

/** Limits that no test meets unless it sets its own. */
export const unlimited: GatewayOptions = {
  ...readConfig({}),
  requestDeadline: 60_000,
  queueLimit: 100_000,
  rateLimit: { rate: 1_000_000, capacity: 1_000_000 },
  authFailureLimit: 1_000_000,
  isDraining: () => false,
};

const servers: RunningServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.drain(1000))));

/** Puts a gateway on a database that is there already, as another process would. */
export async function createTestGateway(
  database: Database,
  set: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const log: Record<string, unknown>[] = [];
  const logger = createLogger({
    level: 'trace',
    format: 'json',
    destination: {
      write(line) {
        recordLog(line);
        log.push(JSON.parse(line));
      },
    },
  });
  const gateway = createGateway(database, logger, { ...unlimited, ...set });
  const server = await listen(gateway, 0, '127.0.0.1');
  servers.push(server);
  return {
    gateway,
    database,
    log,
    async send(path, init) {
      const response = await fetch(new URL(path, server.url), init);
      const text = await response.text();
      const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
  };
}

/** Starts a gateway on a fresh database for the tests of a file; ended after the last of them. */
export async function startGateway(set: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const database = await openTestDatabase(set.tracing);
  afterAll(() => database.close());
  return createTestGateway(database, set);
}

/** A shop with a customer, an agent and a key. */
export interface TestShop {
  readonly id: number;
  readonly domain: string;
  readonly customerId: number;
  readonly agentId: number;
  readonly key: string;
}

let shopCount = 0;

/** Makes a shop that no other test uses. */
export async function makeShop(
  { prisma }: Database,
  keyScopes: readonly Scope[] = scopes,
): Promise<TestShop> {
  shopCount += 1;
  const domain = `shop-${shopCount}.example`;
  const { id, customers, users } = await prisma.shop.create({
    data: {
      domain,
      name: `Shop ${shopCount}`,
      customers: { create: { email: `customer@${domain}`, firstName: 'Ada' } },
      users: { create: { email: `agent@${domain}`, firstName: 'Grace' } },
    },
    include: { customers: true, users: true },
  });
  const { key } = await createApiKey(prisma, {
    shop: domain,
    name: 'Test',
    scopes: keyScopes,
    expiresAt: null,
  });
  plantSecret(key);
  const [customer, agent] = [customers[0], users[0]];
  if (!customer || !agent) throw new Error('The shop was made without its customer or its agent');
  return { id, domain, customerId: customer.id, agentId: agent.id, key };
}

/** What the row of a ticket needs beside its shop and its customer. */
export const plainRow = {
  channel: 'Mail',
  date: new Date(),
  lastMessageTime: new Date(),
  isOpenedTicket: false,
  unreadChatCount: 0,
  tags: [],
};

/** Posts a v1 body to the REST door, with an idempotency key where one is given. */
export function postTicket(
  to: TestGateway,
  key: string,
  body: unknown,
  idempotencyKey?: string,
): Promise<Answer> {
  return to.send('/api/v1/tickets', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': key,
      'x-request-id': 'test',
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Posts an operation to the GraphQL door. */
export function postGraphQL(
  to: TestGateway,
  key: string,
  query: string,
  variables?: Record<string, unknown>,
): Promise<Answer> {
  return to.send('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'x-request-id': 'test' },
    body: JSON.stringify({ query, variables }),
  });
}
