import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, expect, inject, test, vi } from 'vitest';
import { createApiKey } from '../src/auth/api-keys.ts';
import { Metrics } from '../src/telemetry/metrics.ts';
import { serveMetrics } from '../src/telemetry/metrics-server.ts';
import { eventually } from './helpers/eventually.ts';
import { createTestGateway, makeShop, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';
import { plantSecret } from './helpers/log-record.ts';

const { engine } = inject('template');
// Only for its database; each test counts from zero.
const { database } = await startGateway();
const shop = await makeShop(database);
const ticket = { customerId: shop.customerId, Channel: 'Mail' };

afterEach(() => {
  vi.restoreAllMocks();
});

async function startCounted() {
  const observer = new Metrics();
  const server = await serveMetrics(observer, 0, '127.0.0.1');
  afterAll(() => server.close());
  // Time stands still, so that no token comes back.
  const gateway = await createTestGateway(database, { observer, clock: () => 0 });
  const scrape = async () => (await (await fetch(server.url)).text()).split('\n');
  return { gateway, url: server.url, scrape };
}

/** The gateway's own series with their values, but for how long things took. */
const counted = (lines: readonly string[]) =>
  lines.filter((line) => /^ticket_gateway_(?!.*seconds_(bucket|sum))/.test(line));

const createThroughGraphQL = (idempotencyKey: string, channel = 'Mail') => /* GraphQL */ `
  mutation {
    createTicket(
      input: { customerId: ${shop.customerId}, channel: "${channel}", idempotencyKey: "${idempotencyKey}" }
    ) {
      ... on CreateTicketSuccess { replayed }
      ... on Error { code }
    }
  }
`;

const poolSeries = [
  'ticket_gateway_database_pool_connections',
  'ticket_gateway_database_pool_idle_connections',
  'ticket_gateway_database_pool_waiting_statements',
];

test('a scrape tells what was answered on both doors, and what became of the tickets', async () => {
  const { gateway, scrape } = await startCounted();
  const { key: slowKey } = await createApiKey(database.prisma, {
    shop: shop.domain,
    name: 'Slow',
    scopes: ['tickets:write'],
    expiresAt: null,
    rateLimit: 1,
  });
  plantSecret(slowKey);
  const statuses = [
    (await postTicket(gateway, shop.key, ticket, 'first')).status,
    (await postTicket(gateway, shop.key, ticket, 'first')).status,
    (await postTicket(gateway, shop.key, { ...ticket, name: 'Other' }, 'first')).status,
    (await postTicket(gateway, shop.key, {})).status,
    (await postTicket(gateway, shop.key, { ...ticket, customerId: 2_000_000_000 })).status,
    (await postTicket(gateway, 'no-such-key', ticket)).status,
    (await postTicket(gateway, slowKey, ticket)).status,
    (await postTicket(gateway, slowKey, ticket)).status,
  ];
  expect(statuses).toEqual([201, 201, 422, 400, 404, 401, 201, 429]);
  for (const [key, channel] of [['second'], ['second'], ['first', 'Chat']] as const) {
    const document = createThroughGraphQL(key, channel);
    expect(await postGraphQL(gateway, shop.key, document)).toMatchObject({ status: 200 });
  }
  expect(await postGraphQL(gateway, shop.key, '{ nothing }')).toMatchObject({ status: 400 });
  expect(await postGraphQL(gateway, slowKey, createThroughGraphQL('third'))).toMatchObject({ status: 429 });
  expect(await gateway.send('/graphql', { method: 'PUT' })).toMatchObject({ status: 405 });
  vi.spyOn(database.sql, 'query').mockRejectedValueOnce(Object.assign(new Error('gone'), { code: '57P01' }));
  expect(await postTicket(gateway, shop.key, ticket)).toMatchObject({ status: 503 });
  expect(await gateway.send('/health')).toMatchObject({ status: 200 });
  // What Prometheus asks for is not served here.
  expect(await gateway.send('/metrics')).toMatchObject({ status: 404 });

  const batches = ['1', '2', '5', '10', '25', '50', '100', '250', '+Inf'];
  expect(counted(await scrape()).filter((line) => !line.includes('_pool_'))).toEqual([
    'ticket_gateway_requests_total{door="rest",code="OK",status="201"} 3',
    'ticket_gateway_requests_total{door="rest",code="IDEMPOTENCY_CONFLICT",status="422"} 1',
    'ticket_gateway_requests_total{door="rest",code="INVALID_INPUT",status="400"} 1',
    'ticket_gateway_requests_total{door="rest",code="CUSTOMER_NOT_FOUND",status="404"} 1',
    'ticket_gateway_requests_total{door="rest",code="INVALID_API_KEY",status="401"} 1',
    'ticket_gateway_requests_total{door="rest",code="RATE_LIMITED",status="429"} 1',
    'ticket_gateway_requests_total{door="graphql",code="OK",status="200"} 2',
    'ticket_gateway_requests_total{door="graphql",code="IDEMPOTENCY_CONFLICT",status="200"} 1',
    'ticket_gateway_requests_total{door="graphql",code="GRAPHQL_VALIDATION_FAILED",status="400"} 1',
    'ticket_gateway_requests_total{door="graphql",code="RATE_LIMITED",status="429"} 1',
    'ticket_gateway_requests_total{door="graphql",code="METHOD_NOT_ALLOWED",status="405"} 1',
    'ticket_gateway_requests_total{door="rest",code="UNAVAILABLE",status="503"} 1',
    'ticket_gateway_requests_total{door="probe",code="OK",status="200"} 1',
    'ticket_gateway_requests_total{door="none",code="NOT_FOUND",status="404"} 1',
    'ticket_gateway_request_duration_seconds_count{door="rest"} 9',
    'ticket_gateway_request_duration_seconds_count{door="graphql"} 6',
    'ticket_gateway_request_duration_seconds_count{door="probe"} 1',
    'ticket_gateway_request_duration_seconds_count{door="none"} 1',
    'ticket_gateway_tickets_total{outcome="created"} 3',
    'ticket_gateway_tickets_total{outcome="replayed"} 2',
    'ticket_gateway_tickets_total{outcome="rate_limited"} 2',
    // One alone each: the tickets, the replays, the conflicts, the customer that is not there, and what failed.
    ...batches.map((size) => `ticket_gateway_batch_tickets_bucket{le="${size}"} 9`),
    'ticket_gateway_batch_tickets_sum 9',
    'ticket_gateway_batch_tickets_count 9',
    'ticket_gateway_requests_under_way 0',
  ]);
});

test('a scrape shows the tickets that are under way, and the pool of PostgreSQL', async () => {
  const { gateway, scrape } = await startCounted();
  await postTicket(gateway, shop.key, ticket);
  let goOn = () => {};
  const frozen = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const { query } = database.sql;
  vi.spyOn(database.sql, 'query').mockImplementation(async (statement, values) => {
    await frozen;
    return query<never>(statement, values);
  });
  const underWay = [postTicket(gateway, shop.key, ticket), postTicket(gateway, shop.key, ticket)];
  await eventually(async () => expect(await scrape()).toContain('ticket_gateway_requests_under_way 2'));
  goOn();
  expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([201, 201]);
  const lines = await scrape();
  expect(lines).toContain('ticket_gateway_requests_under_way 0');
  const pool = counted(lines).filter((line) => line.includes('_pool_'));
  expect(pool.map((line) => line.split(' ')[0])).toEqual(engine === 'PostgreSQL' ? poolSeries : []);
  for (const line of pool) expect(line).toMatch(/ (10|\d)$/);
});

test('nothing that a client sends makes another series', async () => {
  const { gateway, scrape } = await startCounted();
  const randomText = () => randomBytes(9).toString('base64url');
  async function sendRandom() {
    const other = await makeShop(database);
    const requestId = randomUUID();
    await postTicket(gateway, other.key, { customerId: other.customerId, Channel: randomText() }, requestId);
    await postTicket(gateway, randomText(), ticket);
    await postGraphQL(gateway, other.key, `query q${randomText().replace(/\W/g, 'x')} { shop { domain } }`);
    await gateway.send(`/${randomText()}?${randomText()}`, { headers: { 'x-request-id': requestId } });
    await gateway.send(`/api/v1/tickets?${randomText()}`, { method: 'PATCH' });
  }
  const series = async () => {
    const lines = (await scrape()).filter((line) => line.startsWith('ticket_gateway_'));
    return lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
  };
  await sendRandom();
  const before = await series();
  for (let round = 1; round <= 5; round += 1) await sendRandom();
  expect(await series()).toEqual(before);
});

test('every metric has a help text, and the README lists those of the gateway', async () => {
  const { scrape } = await startCounted();
  const lines = await scrape();
  const namesIn = (keyword: string) =>
    lines.filter((line) => line.startsWith(`# ${keyword} `)).map((line) => line.split(' ')[2] ?? '');
  expect(namesIn('TYPE')).toEqual(namesIn('HELP'));
  expect(namesIn('HELP')).toEqual(
    expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds']),
  );
  const ofGateway = namesIn('HELP').filter((name) => name.startsWith('ticket_gateway_'));
  const readme = await readFile('README.md', 'utf8');
  const listed = [...readme.matchAll(/^\| `(ticket_gateway_\w+)` \|/gm)].map(([, name]) => name);
  expect([...new Set([...ofGateway, ...poolSeries])].sort()).toEqual(listed.sort());
});

test('the metrics’ own port serves GET /metrics and nothing else', async () => {
  const { url } = await startCounted();
  const ask = async (path: string, method: string) => {
    const { status, headers } = await fetch(new URL(path, url), { method });
    return [status, headers.get('content-type'), headers.get('allow')];
  };
  expect(await ask('/metrics', 'GET')).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', null]);
  expect(await ask('/metrics?x=1', 'GET')).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', null]);
  expect(await ask('/metrics', 'POST')).toEqual([405, null, 'GET']);
  expect(await ask('/metrics', 'HEAD')).toEqual([405, null, 'GET']);
  for (const path of ['/', '/metrics/', '/graphql', '/health']) {
    expect(await ask(path, 'GET')).toEqual([404, null, null]);
  }
});
