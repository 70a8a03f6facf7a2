import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { hashKeyText, mintKeyText } from '../src/auth/key-text.ts';
import { Admission } from '../src/limits/admission.ts';
import { eventually } from './helpers/eventually.ts';
import { type Answer, makeShop, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';

let isDraining = false;
const gateway = await startGateway({ requestDeadline: 400, queueLimit: 4, isDraining: () => isDraining });
const { sql, prisma } = gateway.database;
const shop = await makeShop(gateway.database);
const body = { customerId: shop.customerId, Channel: 'Mail', isOpenedTicket: true };
const createTicket =
  'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename ... on Error { code } } }';

const throughRest = () => postTicket(gateway, shop.key, body);
const throughGraphQL = () =>
  postGraphQL(gateway, shop.key, createTicket, { input: { customerId: shop.customerId, channel: 'Mail' } });

const refusal = (error: string) => ({ error, code: 'UNAVAILABLE', requestId: 'test' });
const failure = (message: string, properties: object = {}) => Object.assign(new Error(message), properties);

// What a frozen database is asked waits until the end of the test, as it would for the driver's time-out.
const waiting: ((error: Error) => void)[] = [];
const freeze = () =>
  new Promise<never>((_, reject) => {
    waiting.push(reject);
  });

afterEach(() => {
  vi.restoreAllMocks();
  for (const fail of waiting.splice(0)) fail(failure('Query read timeout'));
  isDraining = false;
});

describe('a database that cannot serve is 503 with Retry-After, on both doors', () => {
  test.each([
    ['it refuses connections', failure('connect ECONNREFUSED', { code: 'ECONNREFUSED' })],
    ['all addresses of it do', new AggregateError([failure('', { code: 'ECONNREFUSED' })])],
    ['it ended the connection', failure('terminating connection', { code: '57P01' })],
    ['the connection broke', failure('Connection terminated unexpectedly')],
    ['it is starting', failure('the database system is starting up', { code: '57P03' })],
    ['it cancelled a slow statement', failure('canceling statement', { code: '57014' })],
    ['it does not answer', failure('Query read timeout')],
    ['its socket is gone', failure('connect ENOENT /run/5432', { code: 'ENOENT' })],
    ['it takes the role no more', failure('role is not permitted to log in', { code: '28000' })],
    ['it takes nobody', failure('database is not currently accepting connections', { code: '55000' })],
    ['the role lost a right', failure('permission denied for table tickets', { code: '42501' })],
    ['its name has changed', failure('database does not exist', { code: '3D000' })],
    ['no connection is free', failure('timeout exceeded when trying to connect')],
    ['it has no connection to give', failure('sorry, too many clients already', { code: '53300' })],
    ['its disk is full', failure('could not extend file', { code: '53100' })],
    ['it takes no writes', failure('cannot execute INSERT in a read-only transaction', { code: '25006' })],
    [
      'Prisma says so',
      failure('x', { code: 'P2039', meta: { driverAdapterError: { cause: { originalCode: '57P01' } } } }),
    ],
  ])('%s', async (_, error) => {
    vi.spyOn(sql, 'query').mockRejectedValue(error);
    const rest = await throughRest();
    expect([rest.status, rest.headers.get('retry-after')]).toEqual([503, '5']);
    expect(rest.body).toEqual(refusal('The database does not answer'));
    const graphQL = await throughGraphQL();
    expect([graphQL.status, graphQL.headers.get('retry-after')]).toEqual([503, '5']);
    expect(graphQL.body).toMatchObject({
      data: null,
      errors: [
        { message: 'The database does not answer', extensions: { code: 'UNAVAILABLE', requestId: 'test' } },
      ],
    });
  });
});

test('a database that never answers is 503 within the deadline, for an unknown key as for a ticket', async () => {
  vi.spyOn(sql, 'query').mockImplementation(freeze);
  vi.spyOn(gateway.database.prisma.apiKey, 'findUnique').mockImplementation(freeze as never);
  const answers = await Promise.all([
    throughRest(),
    throughGraphQL(),
    postTicket(gateway, 'unknown-key', body),
  ]);
  expect(answers.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
    [503, '1'],
    [503, '1'],
    [503, '1'],
  ]);
});

const ask = (path: string) => gateway.send(path, { headers: { 'x-request-id': 'test' } });

test('/ready is 503 while the database does not answer or the process is about to stop; /health stays 200', async () => {
  // Whatever went wrong before is over then.
  await throughRest();
  expect(await ask('/ready')).toMatchObject({ status: 200, body: { status: 'ready' } });
  const query = vi.spyOn(sql, 'query');
  query.mockRejectedValue(failure('connect ECONNREFUSED', { code: 'ECONNREFUSED' }));
  expect(await ask('/ready')).toMatchObject({ status: 503, body: refusal('The database does not answer') });
  query.mockImplementation(freeze);
  expect(await ask('/ready')).toMatchObject({ status: 503, body: refusal('The database does not answer') });
  expect(await ask('/health')).toMatchObject({ status: 200 });
  query.mockRestore();
  expect(await ask('/ready')).toMatchObject({ status: 200 });
  isDraining = true;
  expect(await ask('/ready')).toMatchObject({ status: 503, body: refusal('The gateway is about to stop') });
});

test('all who ask whether it is ready at the same time cost the database one statement', async () => {
  const query = vi.spyOn(sql, 'query').mockImplementationOnce(freeze);
  const first = ask('/ready');
  await eventually(() => expect(query).toHaveBeenCalled());
  const answers = await Promise.all([first, ...Array.from({ length: 20 }, () => ask('/ready'))]);
  expect(answers.map(({ status }) => status)).toEqual(Array(21).fill(503));
  expect(query).toHaveBeenCalledTimes(1);
});

test('a ticket that is deleted in the moment in which it is repeated is 503, so that it is asked for again', async () => {
  expect(await postTicket(gateway, shop.key, body, 'deleted')).toMatchObject({ status: 201 });
  vi.spyOn(prisma.ticket, 'findUnique').mockResolvedValueOnce(null as never);
  const answer = await postTicket(gateway, shop.key, body, 'deleted');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(answer.body).toEqual(refusal('Too many requests disturb each other'));
});

test('/ready is 503 while the database is read but takes no tickets, and 200 as soon as it takes one', async () => {
  const known = () => postTicket(gateway, shop.key, body, 'known');
  expect(await known()).toMatchObject({ status: 201 });
  vi.spyOn(sql, 'query').mockRejectedValueOnce(failure('could not extend file', { code: '53100' }));
  expect(await throughRest()).toMatchObject({ status: 503 });
  expect(await ask('/ready')).toMatchObject({ status: 503, body: refusal('The database takes no tickets') });
  expect(await ask('/health')).toMatchObject({ status: 200 });
  // What creates none tells nothing.
  expect(await known()).toMatchObject({ status: 201 });
  expect(await postTicket(gateway, shop.key, { ...body, customerId: 2 ** 31 - 1 })).toMatchObject({
    status: 404,
  });
  expect(await ask('/ready')).toMatchObject({ status: 503, body: refusal('The database takes no tickets') });
  expect(await throughRest()).toMatchObject({ status: 201 });
  expect(await ask('/ready')).toMatchObject({ status: 200 });
});

test.each([
  ['the table', 'ALTER TABLE tickets RENAME TO others', 'ALTER TABLE others RENAME TO tickets'],
  [
    'the rest of a sequence',
    `SELECT setval('ticket_id_sequence', 4194303); ALTER SEQUENCE ticket_id_sequence NO CYCLE`,
    'ALTER SEQUENCE ticket_id_sequence CYCLE',
  ],
])('while somebody has taken %s away, tickets and /ready are 503', async (_, take, giveBack) => {
  const execute = (script: string) => gateway.database.withSession((session) => session.execute(script));
  await execute(take);
  const answer = await throughRest();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await ask('/ready')).toMatchObject({ status: 503, body: refusal('The database takes no tickets') });
  await execute(giveBack);
  expect(await throughRest()).toMatchObject({ status: 201 });
  expect(await ask('/ready')).toMatchObject({ status: 200 });
});

test('/ready is 503 while somebody locks what every ticket needs, but not for the sake of one customer', async () => {
  const other = await makeShop(gateway.database);
  const throughRestOfOther = () => postTicket(gateway, other.key, { ...body, customerId: other.customerId });
  await Promise.all([throughRest(), throughRestOfOther()]);
  const locked = failure('canceling statement due to lock timeout', { code: '55P03' });
  const query = vi.spyOn(sql, 'query').mockRejectedValueOnce(locked);
  expect(await throughRest()).toMatchObject({ status: 503 });
  expect(await ask('/ready')).toMatchObject({ status: 503, body: refusal('The database takes no tickets') });
  expect(await throughRestOfOther()).toMatchObject({ status: 201 });
  expect(await ask('/ready')).toMatchObject({ status: 200 });
  query.mockImplementationOnce(async () => {
    expect(await throughRestOfOther()).toMatchObject({ status: 201 });
    throw locked;
  });
  expect(await throughRest()).toMatchObject({ status: 503 });
  expect(await ask('/ready')).toMatchObject({ status: 200 });
  const where = 'while locking tuple (0,1) in relation "customers"';
  query.mockRejectedValueOnce(Object.assign(failure(locked.message), { code: '55P03', where }));
  expect(await throughRest()).toMatchObject({ status: 503 });
  expect(await ask('/ready')).toMatchObject({ status: 200 });
});

test('a process that is about to stop still answers, and asks clients to end their connections', async () => {
  expect((await throughRest()).headers.get('connection')).toBe('keep-alive');
  isDraining = true;
  const answer = await throughRest();
  expect([answer.status, answer.headers.get('connection')]).toEqual([201, 'close']);
});

test.each([
  ['40001', {}],
  ['40P01', {}],
  ['23505', { constraint: 'tickets_shop_id_idempotency_key_key_ccold' }],
])('what PostgreSQL gave up with %s is done again', async (code, more) => {
  const query = vi.spyOn(sql, 'query');
  query.mockRejectedValueOnce(failure('disturbed', { code, ...more }));
  expect(await throughRest()).toMatchObject({ status: 201 });
  query.mockRejectedValue(failure('disturbed', { code, ...more }));
  query.mockClear();
  const answer = await throughRest();
  expect(answer).toMatchObject({ status: 503, body: refusal('Too many requests disturb each other') });
  expect(query).toHaveBeenCalledTimes(5);
});

test('of a document that took too long, what it has not come to is not created', async () => {
  await throughRest();
  const before = await prisma.ticket.count();
  const { query } = sql;
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  vi.spyOn(sql, 'query').mockImplementationOnce(async (statement, values) => {
    await gate;
    return query(statement, values);
  });
  const input = `{ customerId: ${shop.customerId}, channel: "Mail" }`;
  const document = `mutation { one: createTicket(input: ${input}) { __typename } two: createTicket(input: ${input}) { __typename } }`;
  const late = await postGraphQL(gateway, shop.key, document);
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
  goOn();
  await eventually(async () => expect(await prisma.ticket.count()).toBe(before + 1));
  await throughRest();
  expect(await prisma.ticket.count()).toBe(before + 2);
});

test('when too many requests are under way the next is 503, and one shop fills but half of the queue', async () => {
  const other = await makeShop(gateway.database);
  const throughRestOfOther = () => postTicket(gateway, other.key, { ...body, customerId: other.customerId });
  await Promise.all([throughRest(), throughRestOfOther()]);
  vi.spyOn(sql, 'query').mockImplementation(freeze);
  const ofShop = (send: () => Promise<Answer>) => Promise.all([send(), send(), send()]);
  const answers = await Promise.all([ofShop(throughRest), ofShop(throughRestOfOther)]);
  const told = answers.map((three) =>
    three.map(({ status, headers, body }) => [status, headers.get('retry-after'), body]),
  );
  const late = [503, '1', refusal('The request took too long')];
  const refused = [503, '1', refusal('Too many requests are under way')];
  for (const three of told) {
    expect(three).toHaveLength(3);
    expect(three.filter((answer) => isDeepStrictEqual(answer, late))).toHaveLength(2);
    expect(three).toContainEqual(refused);
  }
});

test('of a long queue a hundredth is each shop’s own, whatever two others take', async () => {
  const admission = new Admission(200);
  const enter = (shopId: number) => admission.run(shopId, freeze).catch(({ message }) => message);
  const entered = [1, 2].flatMap((shopId) => Array.from({ length: 100 }, () => enter(shopId)));
  expect([1, 2, 3].map((shopId) => admission.hasRoom(shopId))).toEqual([false, false, true]);
  entered.push(enter(3), enter(3));
  expect(await enter(3)).toBe('Too many requests are under way');
  for (const fail of waiting.splice(0)) fail(failure('done'));
  expect(await Promise.all(entered)).toEqual(Array(202).fill('done'));
  expect(admission.total).toBe(0);
});

test('of many who are refused at once, everybody is told so', async () => {
  await throughRest();
  vi.spyOn(sql, 'query').mockImplementation(freeze);
  const late = [throughRest(), throughRest()];
  await eventually(() => expect(sql.query).toHaveBeenCalled());
  const refused = await Promise.all(Array.from({ length: 100 }, throughRest));
  expect(refused.map(({ status, body }) => [status, body])).toEqual(
    Array(100).fill([503, refusal('Too many requests are under way')]),
  );
  expect((await Promise.all(late)).map(({ body }) => body)).toEqual(
    Array(2).fill(refusal('The request took too long')),
  );
});

test('whose key must be looked up waits in the same queue', async () => {
  vi.spyOn(prisma.apiKey, 'findUnique').mockImplementation(freeze as never);
  const answers = await Promise.all([1, 2, 3].map(() => postTicket(gateway, mintKeyText(), body)));
  expect(answers.map(({ status, headers, body }) => [status, headers.get('retry-after'), body])).toEqual([
    [503, '1', refusal('The request took too long')],
    [503, '1', refusal('The request took too long')],
    [503, '1', refusal('Too many requests are under way')],
  ]);
});

test.each([
  ['takes no connections', () => Promise.reject(failure('connect ECONNREFUSED', { code: 'ECONNREFUSED' }))],
  ['does not answer', freeze],
])('a wrong method is 405 also with a key that must be looked up in a database that %s', async (_, find) => {
  vi.spyOn(prisma.apiKey, 'findUnique').mockImplementation(find as never);
  const headers = { 'x-api-key': mintKeyText(), 'x-request-id': 'test' };
  const { status, body } = await gateway.send('/api/v1/tickets', { method: 'PUT', headers });
  const error = { error: 'Method not allowed; use POST', code: 'METHOD_NOT_ALLOWED', requestId: 'test' };
  expect({ status, body }).toEqual({ status: 405, body: error });
});

test('what reads tickets waits in the same queue', async () => {
  await throughRest();
  vi.spyOn(prisma.ticket, 'findUnique').mockImplementation(freeze as never);
  const read = () => postGraphQL(gateway, shop.key, '{ ticket(id: 1) { id } }');
  const answers = await Promise.all([read(), read(), read(), throughRest()]);
  const told = answers.map(({ status, headers, body }) => [status, headers.get('retry-after'), body]);
  const failed = (message: string) => ({
    errors: [{ message, extensions: { code: 'UNAVAILABLE', requestId: 'test' } }],
  });
  expect(told).toEqual([
    [503, '1', failed('The request took too long')],
    [503, '1', failed('The request took too long')],
    [503, '1', failed('Too many requests are under way')],
    [503, '1', refusal('Too many requests are under way')],
  ]);
});

test('a key that was good before finds room also when guesses fill their half of the queue', async () => {
  await throughRest();
  const later = performance.now() + 6_000;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  const { findUnique } = prisma.apiKey;
  const lookUp = vi
    .spyOn(prisma.apiKey, 'findUnique')
    .mockImplementation(((query: Parameters<typeof findUnique>[0]) =>
      query.where.hash === hashKeyText(shop.key) ? findUnique(query) : freeze()) as never);
  const guesses = [1, 2].map(() => postTicket(gateway, mintKeyText(), body));
  await eventually(() => expect(lookUp).toHaveBeenCalledTimes(2));
  expect(await throughRest()).toMatchObject({ status: 201 });
  expect(lookUp).toHaveBeenCalledTimes(3);
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  expect(statuses).toEqual([503, 503]);
});
