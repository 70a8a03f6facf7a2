import { afterEach, describe, expect, test, vi } from 'vitest';
import { createApiKey } from '../src/auth/api-keys.ts';
import { scopes } from '../src/auth/scopes.ts';
import { type ErrorCode, errorCodes } from '../src/errors.ts';
import { openApiDocument } from '../src/openapi/document.ts';
import { closeShop } from '../src/shops/shops.ts';
import { type Answer, createTestGateway, makeShop, startGateway } from './helpers/gateway.ts';
import { plantSecret } from './helpers/log-record.ts';
import { claimsFor, inSeconds, openVerifier, signToken } from './helpers/tokens.ts';

interface Example {
  readonly summary?: string;
  readonly value: object;
}

interface Described {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly content: { readonly 'application/json': { readonly examples: Readonly<Record<string, Example>> } };
}

const { components, paths } = openApiDocument;
const operation = paths['/api/v1/tickets'].post;
const responses: Readonly<Record<string, Described>> = JSON.parse(JSON.stringify(operation.responses));
const bodies: Readonly<Record<string, Example>> = operation.requestBody.content['application/json'].examples;

// The shop that the examples tell of.
const gateway = await startGateway();
const { prisma, sql } = gateway.database;
await prisma.shop.create({
  data: {
    domain: 'shop.example',
    name: 'The examples’ shop',
    customers: { create: { id: 123 } },
    users: { create: { id: 45, email: 'agent@shop.example' } },
  },
});
const { key } = await createApiKey(prisma, {
  shop: 'shop.example',
  name: 'Examples',
  scopes,
  expiresAt: null,
});
plantSecret(key);

afterEach(() => {
  vi.restoreAllMocks();
});

const requestId = operation.parameters.find(({ name }) => name === 'x-request-id')?.example ?? '';

interface Request {
  readonly method?: string;
  /** The header that says who asks. */
  readonly credential?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

function ask(
  { method = 'POST', credential = { 'x-api-key': key }, headers = {}, body = bodies.least?.value }: Request,
  to = gateway,
) {
  return to.send('/api/v1/tickets', {
    method,
    headers: { 'content-type': 'application/json', 'x-request-id': requestId, ...credential, ...headers },
    ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

// What every answer of the gateway has, and what node:http adds.
const everywhere = [
  ...['x-content-type-options', 'referrer-policy', 'cache-control', 'content-type', 'content-length'],
  ...['date', 'connection', 'keep-alive'],
];

/** Compares an answer with its description: the example in it, and the headers. */
function expectDescribed(answer: Answer, body: unknown, example: string): void {
  const described = responses[answer.status];
  expect(body).toEqual(described?.content['application/json'].examples[example]?.value);
  const names = Object.keys(described?.headers ?? {});
  const own = [...answer.headers.keys()].filter((name) => !everywhere.includes(name));
  expect(names.map((name) => name.toLowerCase())).toEqual(expect.arrayContaining(own));
  const isRequired = (name: string) =>
    Object.entries(components.headers).some(([header, more]) => header === name && 'required' in more);
  expect(own).toEqual(expect.arrayContaining(names.filter(isRequired).map((name) => name.toLowerCase())));
}

describe('each example of a body is answered as its example says', () => {
  test.each(Object.entries(bodies))('%s', async (name, { value }) => {
    const answer = await ask({ body: value, headers: { 'idempotency-key': `example ${name}` } });
    expect(answer.status).toBe(201);
    const { success, ticket } = answer.body as { success: unknown; ticket: Record<string, unknown> };
    const example = responses[201]?.content['application/json'].examples[name]?.value as {
      ticket: Record<string, unknown>;
    };
    expect(ticket.id).toMatch(/^\d+$/);
    // What the database makes, and by default the current time.
    const made = Object.fromEntries(
      ['id', 'date', 'lastMessageTime']
        .filter((field) => !(field in value))
        .map((field) => [field, example.ticket[field]]),
    );
    expectDescribed(answer, { success, ticket: { ...ticket, ...made } }, name);
    const repeated = await ask({ body: value, headers: { 'idempotency-key': `"example ${name}"` } });
    expect(repeated.headers.get('idempotent-replayed')).toBe('true');
    expectDescribed(repeated, { success, ticket: { ...ticket, ...made } }, name);
  });
});

const keyOf = async (scope?: 'tickets:read') =>
  (await makeShop(gateway.database, scope === undefined ? scopes : [scope])).key;

async function keyOfClosedShop(): Promise<string> {
  const shop = await makeShop(gateway.database);
  await closeShop(prisma, shop.domain);
  return shop.key;
}

/** How each failure comes about. */
const failures: Partial<Record<ErrorCode, () => Promise<Answer>>> = {
  MISSING_API_KEY: () => ask({ credential: {} }),
  INVALID_API_KEY: () => ask({ credential: { 'x-api-key': 'unknown' } }),
  INVALID_TOKEN: async () => {
    const secret = 'a secret of thirty-two bytes, or a few more';
    const expired = signToken(claimsFor({ domain: 'shop.example' }, { exp: inSeconds(-60) }), {
      alg: 'HS256',
      key: secret,
    });
    const { verifyToken } = await openVerifier({ secret });
    const withSessions = await createTestGateway(gateway.database, { verifyToken });
    return ask({ credential: { authorization: `Bearer ${expired}` } }, withSessions);
  },
  FORBIDDEN: async () => ask({ credential: { 'x-api-key': await keyOf('tickets:read') } }),
  SHOP_NOT_FOUND: async () => ask({ credential: { 'x-api-key': await keyOfClosedShop() } }),
  CUSTOMER_NOT_FOUND: () => ask({ body: { customerId: 1_000_000, Channel: 'Mail' } }),
  ASSIGNEE_NOT_FOUND: () => ask({ body: { customerId: 123, Channel: 'Mail', assigned_to: 1_000_000 } }),
  IDEMPOTENCY_CONFLICT: async () => {
    const headers = { 'idempotency-key': 'order-1204' };
    await ask({ headers });
    return ask({ headers, body: bodies.documented?.value });
  },
  INVALID_INPUT: () => ask({ body: {} }),
  INVALID_JSON: () => ask({ body: '{' }),
  METHOD_NOT_ALLOWED: () => ask({ method: 'GET' }),
  PAYLOAD_TOO_LARGE: () => ask({ body: ' '.repeat(512 * 1024 + 1) }),
  UNSUPPORTED_MEDIA_TYPE: () => ask({ headers: { 'content-type': 'text/plain' } }),
  BAD_REQUEST: () => ask({ credential: { 'x-api-key': `${key}, ${key}` } }),
  RATE_LIMITED: async () => {
    const strict = await createTestGateway(gateway.database, {
      rateLimit: { rate: 100, capacity: 1 },
      clock: () => 0,
    });
    await ask({}, strict);
    return ask({}, strict);
  },
  UNAVAILABLE: () => {
    vi.spyOn(sql, 'query').mockRejectedValue(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    return ask({});
  },
  INTERNAL_SERVER_ERROR: () => {
    vi.spyOn(sql, 'query').mockRejectedValue(new Error('a fault'));
    return ask({});
  },
};

const exampleCodes = Object.values(responses)
  .flatMap(({ content }) => Object.keys(content['application/json'].examples))
  .filter((name): name is ErrorCode => name in errorCodes);

test('every failure that the document names has an example, and a way to come about', () => {
  const { code } = components.schemas.Failure.properties as { code: { enum: string[] } };
  // What is served at no path is answered at others than this one.
  expect(exampleCodes.sort()).toEqual(code.enum.filter((name) => name !== 'NOT_FOUND').sort());
  expect(Object.keys(failures).sort()).toEqual(exampleCodes);
});

describe('each failure is answered as its example says', () => {
  test.each(Object.entries(failures))('%s', async (code, provoke) => {
    const answer = await provoke();
    const { ticketId } = answer.body as { ticketId?: string };
    const text = JSON.stringify(answer.body).replaceAll(ticketId ?? 'no ticket', '987654321012345678');
    expect(answer.status).toBe(errorCodes[code as ErrorCode].status);
    expectDescribed(answer, JSON.parse(text), code);
  });
});

test('a body that is compressed is refused with a header that the document names', async () => {
  const answer = await ask({ headers: { 'content-encoding': 'gzip' } });
  expect([answer.status, answer.headers.get('accept-encoding')]).toEqual([415, 'identity']);
  expect(Object.keys(responses[415]?.headers ?? {})).toContain('Accept-Encoding');
});

test.each(Object.entries(openApiDocument.components.securitySchemes))(
  'the key is taken as the scheme %s says',
  async (_, scheme) => {
    const headers: Record<string, string> =
      scheme.type === 'apiKey' ? { [scheme.name]: key } : { authorization: `Bearer ${key}` };
    const answer = await gateway.send('/api/v1/tickets', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(bodies.least?.value),
    });
    expect(answer.status).toBe(201);
  },
);
