import { beforeEach, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../src/config.ts';
import { createTestGateway, makeShop, startGateway } from './helpers/gateway.ts';
import { openVerifier, signToken } from './helpers/tokens.ts';

const FRIEND = 'https://app.example';
const OTHER_FRIEND = 'http://localhost:5173';
const STRANGER = 'https://evil.example';

const closed = await startGateway();
const { database } = closed;
const { corsOrigins } = readConfig({ CORS_ORIGINS: `${FRIEND}, ${OTHER_FRIEND}` });
const secret = 'a secret of thirty-two bytes or more';
const { verifyToken } = await openVerifier({ secret });
const open = await createTestGateway(database, { corsOrigins, verifyToken });
const shop = await makeShop(database);

beforeEach(() => {
  vi.restoreAllMocks();
});

const json = { 'content-type': 'application/json' };
const withKey = { ...json, 'x-api-key': shop.key };
const ticket = JSON.stringify({ customerId: shop.customerId, Channel: 'Mail' });

/** The headers of an answer that concern browsers of other origins. */
const corsOf = ({ headers }: { headers: Headers }) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'));

const EXPOSED =
  'Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id';
const shownTo = (origin: string) => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': EXPOSED,
  vary: 'Origin',
});
const shownToNobody = { vary: 'Origin' };

const preflight = (path: string, origin: string, more: object = {}) =>
  open.send(path, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', ...more },
  });

describe('a browser that asks first', () => {
  test.each([
    ['/graphql', 'GET, POST'],
    ['/api/v1/tickets', 'POST'],
    ['/health', 'GET, POST'],
    ['/nothing-here', 'GET, POST'],
  ])('is told what the pages of an allowed origin may send to %s, without a key', async (path, methods) => {
    for (const origin of [FRIEND, OTHER_FRIEND]) {
      const answer = await preflight(path, origin, { 'access-control-request-headers': 'authorization' });
      expect([answer.status, answer.body, answer.headers.get('content-length')]).toEqual([204, '', null]);
      expect(corsOf(answer)).toEqual({
        ...shownTo(origin),
        'access-control-allow-methods': methods,
        'access-control-allow-headers':
          'authorization, content-type, idempotency-key, x-api-key, x-request-id, traceparent, tracestate, baggage',
        'access-control-max-age': '7200',
      });
    }
  });

  test.each([
    STRANGER,
    'null',
    `${FRIEND}.evil.example`,
    `${FRIEND}:8443`,
    'http://app.example',
    FRIEND.toUpperCase(),
  ])('is told nothing for %s', async (origin) => {
    const answer = await preflight('/graphql', origin);
    expect([answer.status, corsOf(answer)]).toEqual([204, shownToNobody]);
  });

  test('leaves a line in the log, and costs no look-up', async () => {
    const lookUp = vi.spyOn(database.prisma.apiKey, 'findUnique');
    open.log.length = 0;
    await preflight('/graphql', FRIEND, { 'x-api-key': 'unknown-key' });
    expect(open.log).toMatchObject([{ msg: 'request', door: 'graphql', method: 'OPTIONS', status: 204 }]);
    expect(lookUp).not.toHaveBeenCalled();
  });
});

describe.each<[string, Readonly<Record<string, string>>]>([
  ['no origin', { 'access-control-request-method': 'POST' }],
  ['no method to ask for', { origin: FRIEND }],
  ['neither', {}],
])('OPTIONS with %s', (_, headers) => {
  test.each(['/graphql', '/api/v1/tickets'])(
    'is no such question: %s says 405 and what it allows',
    async (path) => {
      const answer = await open.send(path, { method: 'OPTIONS', headers });
      const allow = path === '/graphql' ? 'GET, POST' : 'POST';
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
      expect(corsOf(answer)).toEqual(headers.origin ? shownTo(FRIEND) : shownToNobody);
    },
  );
});

const expired = signToken({ iss: 'x' }, { alg: 'HS256', key: secret });
const unavailable = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const post = { method: 'POST', headers: withKey, body: ticket };
const rest = '/api/v1/tickets';

interface Case {
  readonly status: number;
  readonly what: string;
  readonly path: string;
  readonly init: RequestInit & { readonly headers: Readonly<Record<string, string>> };
  /** What caches are told whoever asks. */
  readonly vary?: string;
  /** Makes the request get that status. */
  readonly arrange?: () => void;
}

const failWith = (error: Error) => () => {
  vi.spyOn(database.sql, 'query').mockRejectedValue(error);
};
const bearer = { ...json, authorization: `Bearer ${expired}` };

const cases: readonly Case[] = [
  {
    status: 200,
    what: 'a result',
    path: '/graphql',
    init: { ...post, body: '{"query":"{ shop { domain } }"}' },
  },
  { status: 200, what: 'a probe', path: '/health', init: { headers: {} } },
  {
    status: 200,
    what: 'the page',
    path: '/graphql',
    init: { headers: { accept: 'text/html' } },
    vary: 'accept, accept-encoding',
  },
  { status: 201, what: 'a ticket', path: rest, init: post },
  { status: 400, what: 'a bad field', path: rest, init: { ...post, body: '{}' } },
  { status: 400, what: 'a bad document', path: '/graphql', init: { ...post, body: '{"query":"{"}' } },
  { status: 400, what: 'two keys', path: rest, init: { ...post, headers: { ...json, 'x-api-key': 'a, b' } } },
  { status: 401, what: 'no credential', path: rest, init: { ...post, headers: json } },
  { status: 401, what: 'a bad token', path: '/graphql', init: { ...post, headers: bearer } },
  { status: 404, what: 'nothing there', path: '/nothing-here', init: { headers: {} } },
  {
    status: 404,
    what: 'an unknown customer',
    path: rest,
    init: { ...post, body: '{"customerId":2000000000,"Channel":"Mail"}' },
  },
  { status: 405, what: 'another method', path: rest, init: { headers: withKey } },
  { status: 413, what: 'a body too large', path: rest, init: { ...post, body: ' '.repeat(600_000) } },
  {
    status: 415,
    what: 'another type',
    path: rest,
    init: { ...post, headers: { ...withKey, 'content-type': 'text/plain' } },
  },
  { status: 500, what: 'a fault', path: rest, init: post, arrange: failWith(new Error('unexpected')) },
  { status: 503, what: 'an outage', path: rest, init: post, arrange: failWith(unavailable) },
  {
    status: 503,
    what: 'a failed probe',
    path: '/ready',
    init: { headers: {} },
    arrange: failWith(unavailable),
  },
];

describe.each(cases)('$status: $what', ({ status, path, init, vary, arrange }) => {
  const varying = (headers: { readonly vary?: string }) => {
    const all = [vary, headers.vary].filter((names) => names !== undefined);
    return { ...headers, ...(all.length > 0 && { vary: all.join(', ') }) };
  };

  const send = (origin: string | undefined, to = open) => {
    arrange?.();
    return to.send(path, { ...init, headers: { ...init.headers, ...(origin && { origin }) } });
  };

  test.each<[string, string | undefined, { readonly vary: string }]>([
    ['is shown to an allowed origin', FRIEND, shownTo(FRIEND)],
    ['is shown to another allowed origin', OTHER_FRIEND, shownTo(OTHER_FRIEND)],
    ['is shown to no other, and caches know', STRANGER, shownToNobody],
    ['says to caches what a request without an origin does not see', undefined, shownToNobody],
  ])('%s', async (_, origin, expected) => {
    const answer = await send(origin);
    expect([answer.status, corsOf(answer)]).toEqual([status, varying(expected)]);
  });

  test('says nothing of origins where none are set', async () => {
    const answer = await send(FRIEND, closed);
    expect([answer.status, corsOf(answer)]).toEqual([status, varying({})]);
  });
});

test('429, and what the answer tells in headers, is shown to an allowed origin', async () => {
  const limited = await createTestGateway(database, {
    corsOrigins,
    rateLimit: { rate: 1, capacity: 1 },
    clock: () => 0,
  });
  const init = { ...post, headers: { ...withKey, origin: FRIEND } };
  expect(await limited.send(rest, init)).toMatchObject({ status: 201 });
  const answer = await limited.send(rest, init);
  expect([answer.status, corsOf(answer)]).toEqual([429, shownTo(FRIEND)]);
  expect(answer.headers.get('retry-after')).toBe('1');
});

test('a browser that asks first gets 405 where no origins are set', async () => {
  const headers = { origin: FRIEND, 'access-control-request-method': 'POST' };
  const answer = await closed.send('/graphql', { method: 'OPTIONS', headers });
  expect([answer.status, answer.headers.get('allow'), corsOf(answer)]).toEqual([405, 'GET, POST', {}]);
});

test.each([
  '*',
  'null',
  'app.example',
  'https://app.example/',
  'https://app.example/path',
  'https://*.app.example',
  'https://App.example',
  'https://app.example:443',
  'https://user@app.example',
  'ftp://app.example',
  'https://app.example,',
  'https://app.example https://other.example',
])('the origins %s are refused', (origins) => {
  expect(() => readConfig({ CORS_ORIGINS: origins })).toThrow(
    'CORS_ORIGINS must be origins such as https://app.example, without a path, separated by commas',
  );
});
