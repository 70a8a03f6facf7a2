import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../src/log.ts';
import { listen } from '../src/server.ts';
import { openTraceExport } from '../src/telemetry/trace-export.ts';
import { type SpanTree, startCollector } from './helpers/collector.ts';
import { eventually } from './helpers/eventually.ts';
import { createTestGateway, makeShop, startGateway } from './helpers/gateway.ts';
import { recordLog } from './helpers/log-record.ts';
import { MESSAGE } from './helpers/planted-secrets.ts';
import { exchange, postText, sendTogether } from './helpers/sockets.ts';

const collector = await startCollector();
vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '10');
vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test');
const exportLog: { msg: string }[] = [];
const destination = new Writable({
  write(line: Buffer, _, done) {
    recordLog(line.toString());
    exportLog.push(JSON.parse(line.toString()));
    done();
  },
});
const log = createLogger({ level: 'info', format: 'json', destination });
const { tracing, close } = await openTraceExport('http/json', log);
const gateway = await startGateway({ tracing });
afterAll(() => close(1000));
const { prisma, sql } = gateway.database;
const shop = await makeShop(gateway.database);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));
const ticket = { customerId: shop.customerId, Channel: 'Mail' };

const hexadecimal = (bytes: number) => randomBytes(bytes).toString('hex');

/** Who asks, as its traceparent names it. */
const newCaller = () => ({ traceId: hexadecimal(16), spanId: hexadecimal(8) });
type Caller = ReturnType<typeof newCaller>;

const traceparentOf = ({ traceId, spanId }: Caller) => `00-${traceId}-${spanId}-01`;

async function post(
  path: string,
  body: object,
  caller: Caller,
  headers: Record<string, string> = {},
  { send } = gateway,
) {
  const { status } = await send(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': shop.key,
      traceparent: traceparentOf(caller),
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return status;
}

/** Posts for each of the callers, so that it is read together. */
async function postTogether(callers: readonly Caller[], path: string, body: object): Promise<void> {
  const texts = callers.map((caller) => {
    const lines = [`X-Api-Key: ${shop.key}`, `Traceparent: ${traceparentOf(caller)}`, 'Connection: close'];
    return postText(path, JSON.stringify(body), lines);
  });
  await Promise.all(await sendTogether(server.url, texts));
}

/** What the collector is to know of the caller's trace, once it was all sent. */
const expectTrace = ({ traceId, spanId }: Caller, expected: unknown) =>
  eventually(() => expect(collector.childrenOf(traceId, spanId)).toEqual(expected));

const statement = (operation: string, table: string, more: Partial<SpanTree> = {}): SpanTree => ({
  name: `${operation} ${table}`,
  kind: 'client',
  failed: false,
  children: [],
  ...more,
  attributes: {
    'db.system.name': 'postgresql',
    'db.operation.name': operation,
    'db.collection.name': table,
    'db.query.summary': `${operation} ${table}`,
    ...more.attributes,
  },
});

const internal = (name: string, children: readonly SpanTree[], more: Partial<SpanTree> = {}): SpanTree => ({
  name,
  kind: 'internal',
  failed: false,
  attributes: {},
  children,
  ...more,
});

const served = (route: string, status: number, children: readonly SpanTree[], code?: string): SpanTree => ({
  name: `POST ${route}`,
  kind: 'server',
  failed: status >= 500,
  attributes: {
    'http.request.method': 'POST',
    'http.route': route,
    'url.path': route,
    'url.scheme': 'http',
    'http.response.status_code': status,
    ...(code && { 'ticket_gateway.error.code': code }),
    ...(status >= 500 && code && { 'error.type': code }),
  },
  children,
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a trace', () => {
  test('leads from the caller’s span to the statements, of the first use of a key too', async () => {
    const { key, customerId } = await makeShop(gateway.database);
    const caller = newCaller();
    const body = { customerId, Channel: 'Mail' };
    expect(await post('/api/v1/tickets', body, caller, { 'x-api-key': key })).toBe(201);
    const lookUp = ['SELECT api_keys', 'SELECT shops', 'UPDATE api_keys'].map((name) => {
      const [operation = '', table = ''] = name.split(' ');
      return statement(operation, table);
    });
    const created = internal('createTicket', [statement('INSERT', 'tickets')]);
    await expectTrace(caller, [served('/api/v1/tickets', 201, [internal('authenticate', lookUp), created])]);
    expect(collector.resource()).toMatchObject({
      'service.name': 'ticket-gateway',
      'deployment.environment.name': 'test',
    });
  });

  describe('when the key is known', () => {
    beforeAll(() => post('/api/v1/tickets', ticket, newCaller()));

    test('shows the operation and each statement inside the execution of a GraphQL document', async () => {
      const query = `mutation Secret { createTicket(input: { customerId: ${shop.customerId}, channel: "Mail" }) {
        ... on CreateTicketSuccess { ticket { customer { id } } }
      } }`;
      const caller = newCaller();
      expect(await post('/graphql', { query }, caller)).toBe(200);
      const execution = internal(
        'GraphQL mutation',
        [
          internal('createTicket', [statement('INSERT', 'tickets')]),
          statement('SELECT', 'customers'),
          statement('SELECT', 'tickets'),
        ],
        { attributes: { 'graphql.operation.type': 'mutation' } },
      );
      await expectTrace(caller, [served('/graphql', 200, [execution])]);
    });

    test('shows for a replay how the earlier ticket is found and read', async () => {
      const caller = newCaller();
      for (const each of [newCaller(), caller]) {
        await post('/api/v1/tickets', ticket, each, { 'idempotency-key': 'replayed' });
      }
      const statements = [statement('INSERT', 'tickets'), statement('SELECT', 'tickets')];
      await expectTrace(caller, [served('/api/v1/tickets', 201, [internal('createTicket', statements)])]);
    });

    test('shows past the rate limit that the key is looked up', async () => {
      const set = { tracing, rateLimit: { rate: 1, capacity: 1 }, clock: () => 0 };
      const limited = await createTestGateway(gateway.database, set);
      const caller = newCaller();
      for (const each of [newCaller(), caller]) {
        await post('/api/v1/tickets', ticket, each, { 'idempotency-key': hexadecimal(8) }, limited);
      }
      const code = { attributes: { 'ticket_gateway.error.code': 'RATE_LIMITED' } };
      const refused = internal('createTicket', [statement('SELECT', 'tickets')], code);
      await expectTrace(caller, [served('/api/v1/tickets', 429, [refused], 'RATE_LIMITED')]);
    });

    test('has the statement that served many requests in each of their traces', async () => {
      const callers = Array.from({ length: 5 }, newCaller);
      await postTogether(callers, '/api/v1/tickets', ticket);
      const together = statement('INSERT', 'tickets', { attributes: { 'db.operation.batch.size': 5 } });
      const expected = [served('/api/v1/tickets', 201, [internal('createTicket', [together])])];
      for (const caller of callers) await expectTrace(caller, expected);
    });

    test('has the statement of a query that waited for its turn, and no other’s', async () => {
      const callers = Array.from({ length: 3 }, newCaller);
      const waiting: ((ticket: null) => void)[] = [];
      const freeze = () => new Promise((resolve) => waiting.push(resolve));
      const findUnique = vi.spyOn(prisma.ticket, 'findUnique');
      // Two of a shop are executed at a time.
      findUnique.mockImplementationOnce(freeze as never).mockImplementationOnce(freeze as never);
      const answers = postTogether(callers, '/graphql', { query: '{ ticket(id: 1) { id } }' });
      await eventually(() => expect(waiting).toHaveLength(2));
      for (const answer of waiting) answer(null);
      await answers;
      for (const [index, caller] of callers.entries()) {
        const statements = index < 2 ? [] : [statement('SELECT', 'tickets')];
        const more = { attributes: { 'graphql.operation.type': 'query' } };
        await expectTrace(caller, [served('/graphql', 200, [internal('GraphQL query', statements, more)])]);
      }
    });

    test('tells the code of a client’s error, which is no failure of the gateway’s', async () => {
      const caller = newCaller();
      expect(await post('/api/v1/tickets', {}, caller)).toBe(400);
      const refused = internal('createTicket', [], {
        attributes: { 'ticket_gateway.error.code': 'INVALID_INPUT' },
      });
      await expectTrace(caller, [served('/api/v1/tickets', 400, [refused], 'INVALID_INPUT')]);
    });

    test('tells which statement failed, and with which SQLSTATE', async () => {
      const caller = newCaller();
      const fault = Object.assign(new Error('gone'), { code: '57P01', detail: MESSAGE });
      vi.spyOn(sql, 'query').mockRejectedValue(fault);
      expect(await post('/api/v1/tickets', ticket, caller)).toBe(503);
      const failed = { failed: true, attributes: { 'error.type': '57P01' } };
      const created = internal('createTicket', [statement('INSERT', 'tickets', failed)], failed);
      await expectTrace(caller, [served('/api/v1/tickets', 503, [created], 'UNAVAILABLE')]);
    });

    test('has its id in the log line of the request, and there is none of a probe', async () => {
      const caller = newCaller();
      await post('/api/v1/tickets', ticket, caller, { 'x-request-id': 'traced' });
      await gateway.send('/health', { headers: { traceparent: traceparentOf(caller) } });
      const lines = gateway.log.filter(({ msg }) => msg === 'request').slice(-2);
      expect(lines.map(({ path, traceId }) => [path, traceId])).toEqual([
        ['/api/v1/tickets', caller.traceId],
        ['/health', undefined],
      ]);
      await expectTrace(caller, [expect.objectContaining({ name: 'POST /api/v1/tickets' })]);
    });

    test('is the gateway’s own where none is named, or a malformed one', async () => {
      for (const traceparent of ['', '00-0-0-01', `${traceparentOf(newCaller())}, x`, '\u00fc']) {
        await post('/api/v1/tickets', ticket, newCaller(), { traceparent });
        const traceId = String(gateway.log.filter(({ msg }) => msg === 'request').at(-1)?.traceId);
        expect(traceId).toMatch(/^[0-9a-f]{32}$/);
        await eventually(() => expect(collector.childrenOf(traceId)).toMatchObject([{ kind: 'server' }]));
      }
    });

    test('is not sent when the caller says that it is not sampled', async () => {
      const [unsampled, sampled] = [newCaller(), newCaller()];
      const traceparent = traceparentOf(unsampled).replace(/01$/, '00');
      expect(await post('/api/v1/tickets', ticket, unsampled, { traceparent })).toBe(201);
      await post('/api/v1/tickets', ticket, sampled);
      await expectTrace(sampled, [expect.anything()]);
      expect(collector.childrenOf(unsampled.traceId, unsampled.spanId)).toEqual([]);
    });

    test('has nothing in it of one that is not sampled and comes behind it on its connection', async () => {
      const [sampled, unsampled, last] = [newCaller(), newCaller(), newCaller()];
      const textOf = (traceparent: string, more: string[] = []) =>
        postText('/api/v1/tickets', JSON.stringify(ticket), [
          `X-Api-Key: ${shop.key}`,
          `Traceparent: ${traceparent}`,
          ...more,
        ]);
      const notSampled = traceparentOf(unsampled).replace(/01$/, '00');
      const texts = [textOf(traceparentOf(sampled)), textOf(notSampled, ['Connection: close'])];
      expect((await exchange(server.url, texts.join(''))).match(/HTTP\/1.1 201/g)).toHaveLength(2);
      await post('/api/v1/tickets', ticket, last);
      await expectTrace(last, [expect.anything()]);
      const names = ({ name, children }: SpanTree): string[] => [name, ...children.flatMap(names)];
      const [tree, ...others] = collector.childrenOf(sampled.traceId, sampled.spanId);
      expect(others).toEqual([]);
      expect(tree && names(tree).filter((name) => name === 'createTicket')).toHaveLength(1);
    });
  });
});

test('no span holds a key, a token, a text of a ticket or what stands in a path or query', async () => {
  const poison = 'poisonous-name-of-a-ticket';
  await gateway.database.withSession((session) =>
    session.execute(`ALTER TABLE tickets ADD CHECK (name <> '${poison}')`),
  );
  const token = 'planted-token-of-a-caller';
  const secrets = [shop.key, MESSAGE, poison, token];
  const caller = newCaller();
  const headers = {
    authorization: `Bearer ${token}`,
    'idempotency-key': token,
    'user-agent': token,
    tracestate: `vendor=${token}`,
  };
  const full = { ...ticket, lastMessage: MESSAGE, tags: [MESSAGE], name: MESSAGE, emailUsed: MESSAGE };
  const statuses = [
    await post(`/api/v1/tickets?token=${token}`, full, caller, headers),
    await post('/api/v1/tickets', full, caller, headers),
    await post('/api/v1/tickets', { ...full, name: poison }, caller),
    await post('/api/v1/tickets', { ...full, Channel: MESSAGE.repeat(9) }, caller),
    await post(`/${shop.key}`, full, caller),
    await post('/api/v1/tickets', full, caller, { 'x-api-key': token }),
    await post('/graphql', { query: `query ${token.replaceAll('-', '_')} { ${MESSAGE} }` }, caller),
  ];
  expect(statuses).toEqual([201, 201, 500, 400, 404, 401, 400]);
  await eventually(() => expect(collector.childrenOf(caller.traceId, caller.spanId)).toHaveLength(7));
  const { length } = await prisma.ticket.findMany({ where: { name: MESSAGE } });
  expect(length).toBe(1);
  const bodies = collector.received.map(({ text }) => text).join('\n');
  expect(secrets.filter((secret) => bodies.includes(secret))).toEqual([]);
});

test('a collector that refuses is told of once, and once when it takes spans again', async () => {
  const told = () => exportLog.map(({ msg }) => msg);
  expect(told()).toEqual([]);
  collector.answer = 400;
  for (let round = 1; round <= 3; round += 1) {
    expect(await post('/api/v1/tickets', ticket, newCaller())).toBe(201);
    await eventually(() => expect(collector.refused).toBe(round));
    await eventually(() => expect(told()).toEqual(['traces cannot be sent: those of this time are lost']));
  }
  collector.answer = 200;
  const caller = newCaller();
  await post('/api/v1/tickets', ticket, caller);
  await expectTrace(caller, [expect.anything()]);
  await eventually(() => expect(told()[1]).toBe('traces can be sent again'));
  expect(told()).toHaveLength(2);
});
