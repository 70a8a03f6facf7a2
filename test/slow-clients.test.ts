import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { HeldBytes } from '../src/limits/held-bytes.ts';
import { listen, type Patience } from '../src/server.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';
import { emptyAnswer, exchange, openSocket, readAll, untilRead } from './helpers/sockets.ts';

const gateway = await startGateway();
const { prisma, sql } = gateway.database;
const shop = await makeShop(gateway.database);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));

afterEach(() => {
  vi.restoreAllMocks();
  gateway.log.length = 0;
});

const doors = {
  '/graphql': JSON.stringify({
    query: `mutation { createTicket(input: { customerId: ${shop.customerId}, channel: "Mail" }) { __typename } }`,
  }),
  '/api/v1/tickets': JSON.stringify({ customerId: shop.customerId, Channel: 'Mail' }),
} as const;
const createTickets = () =>
  Promise.all(
    Object.entries(doors).map(async ([path, body]) => {
      const headers = { 'content-type': 'application/json', 'x-api-key': shop.key };
      return (await fetch(new URL(path, server.url), { method: 'POST', headers, body })).status;
    }),
  );
const countTickets = () => prisma.ticket.count({ where: { shopId: shop.id } });

const headOf = (path: string, body: string, headerLines: readonly string[] = []) =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: gateway.test',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Api-Key: ${shop.key}`,
    ...headerLines,
    '\r\n',
  ].join('\r\n');

/** Sends half of a request's body, when the interim answer has told that the server is waiting for it. */
async function stall(path: string, body: string): Promise<Socket> {
  const socket = await openSocket(server.url);
  socket.write(headOf(path, body, ['Expect: 100-continue']));
  await once(socket, 'data');
  socket.write(body.slice(0, body.length / 2));
  return socket;
}

test('five hundred clients that stall their bodies keep nobody waiting, and leave one line each', async () => {
  const before = await countTickets();
  const stalled = await Promise.all(
    Array.from({ length: 250 }, () =>
      Promise.all(Object.entries(doors).map(([path, body]) => stall(path, body))),
    ),
  );
  for (let round = 0; round < 10; round += 1) {
    expect(await createTickets()).toEqual([200, 201]);
    expect((await fetch(new URL('/health', server.url))).status).toBe(200);
  }
  gateway.log.length = 0;
  for (const socket of stalled.flat()) socket.destroy();
  await eventually(() => expect(gateway.log).toHaveLength(500));
  const line = { level: 30, msg: 'request', status: 400, code: 'BAD_REQUEST', clientGone: true };
  expect(gateway.log).toEqual(Array(500).fill(expect.objectContaining(line)));
  expect(await countTickets()).toBe(before + 20);
});

/** Keeps statements waiting until they are released, by default the next one. */
function holdStatements(count = 1) {
  const query = sql.query.bind(sql);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const statements = vi.spyOn(sql, 'query');
  for (let held = 0; held < count; held += 1) {
    statements.mockImplementationOnce(async (text, values) => {
      await released;
      return query(text, values);
    });
  }
  return { statements, release };
}

describe.each(Object.entries(doors))('%s', (path, body) => {
  test('a client that goes away while its ticket is created has it created once, and nothing breaks', async () => {
    const before = await countTickets();
    const { statements, release } = holdStatements();
    const socket = await openSocket(server.url);
    socket.write(headOf(path, body) + body);
    await eventually(() => expect(statements).toHaveBeenCalledTimes(1));
    socket.destroy();
    await once(socket, 'close');
    release();
    await eventually(() => expect(gateway.log).toHaveLength(1));
    const status = path === '/graphql' ? 200 : 201;
    expect(gateway.log).toEqual([expect.objectContaining({ msg: 'request', status })]);
    expect(await countTickets()).toBe(before + 1);
    expect(await createTickets()).toEqual([200, 201]);
  });
});

test('a client that goes away while its key is looked up leaves one line, and nothing is created', async () => {
  const other = await makeShop(gateway.database);
  const findUnique = prisma.apiKey.findUnique.bind(prisma.apiKey);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const lookUp = vi.spyOn(prisma.apiKey, 'findUnique');
  lookUp.mockImplementationOnce((async (question: Parameters<typeof findUnique>[0]) => {
    await released;
    return findUnique(question);
  }) as never);
  const socket = await openSocket(server.url);
  const [path, body] = ['/api/v1/tickets', doors['/api/v1/tickets']];
  socket.write(headOf(path, body).replace(shop.key, other.key) + body);
  await eventually(() => expect(lookUp).toHaveBeenCalledTimes(1));
  socket.destroy();
  await once(socket, 'close');
  // The gateway has seen the end of the connection by then.
  await untilRead(server.url);
  gateway.log.length = 0;
  release();
  await eventually(() => expect(gateway.log).toHaveLength(1));
  const line = { msg: 'request', status: 400, code: 'BAD_REQUEST', clientGone: true };
  expect(gateway.log).toEqual([expect.objectContaining(line)]);
});

/** Serves the same gateway with less patience, until the end of the test. */
async function listenWith(patience: Partial<Patience>): Promise<string> {
  const impatient = await listen(gateway.gateway, 0, '127.0.0.1', { checkInterval: 10, ...patience });
  onTestFinished(() => impatient.drain(1000));
  return impatient.url;
}

const timeout = emptyAnswer('408 Request Timeout');
const [path, body] = ['/api/v1/tickets', doors['/api/v1/tickets']];

test.each([
  ['nothing at all', ''],
  ['half of its headers', headOf(path, body).slice(0, 100)],
])('a client that sends %s is cut off with 408', async (_, text) => {
  const url = await listenWith({ headers: 50 });
  expect(await exchange(url, text)).toBe(timeout);
  expect(await createTickets()).toEqual([200, 201]);
});

test.each(Object.entries(doors))(
  'a client that stalls its body at %s is cut off with 408 and one line',
  async (path, body) => {
    const url = await listenWith({ headers: 50, request: 50 });
    expect(await exchange(url, headOf(path, body) + body.slice(0, 10))).toBe(timeout);
    await eventually(() => expect(gateway.log).toHaveLength(1));
    expect(gateway.log).toEqual([
      expect.objectContaining({ level: 30, msg: 'request', status: 400, code: 'BAD_REQUEST' }),
    ]);
    expect(await createTickets()).toEqual([200, 201]);
  },
);

test('a client that trickles its body steadily is cut off with 408 all the same', async () => {
  const url = await listenWith({ headers: 200, request: 200 });
  const socket = await openSocket(url);
  const answer = readAll(socket);
  socket.write(headOf(path, body).replace(/Content-Length: \d+/, 'Content-Length: 200000'));
  const trickle = setInterval(() => socket.write(' '), 10);
  socket.on('close', () => clearInterval(trickle));
  expect(await answer).toBe(timeout);
});

test('a client that never reads its answer is cut off, and keeps nobody waiting', async () => {
  // Made when it is first asked for, which is silence, too.
  await gateway.send('/graphql', { headers: { accept: 'text/html' } });
  gateway.log.length = 0;
  const impatient = await listen(gateway.gateway, 0, '127.0.0.1', { silence: 200, answer: 0 });
  const socket = await openSocket(impatient.url);
  socket.on('error', () => {});
  socket.pause();
  socket.write('GET /graphql HTTP/1.1\r\nHost: gateway.test\r\nAccept: text/html\r\n\r\n');
  await eventually(() => expect(gateway.log).not.toEqual([]));
  expect(await createTickets()).toEqual([200, 201]);
  // Nine megabytes fit into no buffer on their way. Only a connection that was cut off lets this end in time.
  await impatient.drain(60_000);
  socket.destroy();
});

describe('of one shop 64 megabytes are held, past which it gets nothing more, and another shop does', () => {
  const refused = () => gateway.log.filter(({ status }) => status === 503);

  /** Sends the texts, each over a connection of its own, of which nothing is read. */
  async function sendAll(texts: readonly string[]): Promise<Socket[]> {
    const sockets = await Promise.all(texts.map(() => openSocket(server.url)));
    for (const [index, socket] of sockets.entries()) {
      socket.on('error', () => {});
      socket.pause();
      socket.write(texts[index] ?? '');
    }
    return sockets;
  }

  async function expectNoMore(sockets: readonly Socket[], release?: () => void): Promise<void> {
    const other = await makeShop(gateway.database);
    await eventually(() => expect(refused()).not.toEqual([]));
    const answer = await postGraphQL(gateway, shop.key, '{ shop { id } }');
    const extensions = { code: 'UNAVAILABLE', requestId: 'test' };
    const message = 'Too many long bodies are under way, or too many answers have not been read';
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.body).toEqual({ errors: [{ message, extensions }] });
    expect((await postGraphQL(gateway, other.key, '{ shop { id } }')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await untilRead(server.url);
    // What is still done for one who has left is held, too.
    if (release) expect((await postGraphQL(gateway, shop.key, '{ shop { id } }')).status).toBe(503);
    release?.();
    await eventually(async () =>
      expect((await postGraphQL(gateway, shop.key, '{ shop { id } }')).status).toBe(200),
    );
  }

  // Of the longest that are allowed, and six times as long in JSON.
  const text = '\u0001'.repeat(65_536);
  const long = { customerId: shop.customerId, Channel: 'Mail', lastMessage: text };
  const post = (body: string) => headOf('/graphql', body) + body;

  test('of answers that are not read', async () => {
    const created = (await postTicket(gateway, shop.key, long)).body as { ticket: { id: string } };
    const aliases = Array.from(
      { length: 4 },
      (_, number) => `t${number}: ticket(id: "${created.ticket.id}") { lastMessage }`,
    );
    const query = JSON.stringify({ query: `{ ${aliases.join(' ')} }` });
    // The system takes the first ones of each connection, for a client that may read them yet.
    await expectNoMore(await sendAll(Array(60).fill(post(query).repeat(10))));
  });

  test('of bodies that have many values, however few their bytes', async () => {
    const { release } = holdStatements(60);
    const body = JSON.stringify({
      customerId: shop.customerId,
      Channel: 'Mail',
      unknown: Array(4_900).fill({}),
    });
    await expectNoMore(await sendAll(Array(60).fill(headOf('/api/v1/tickets', body) + body)), release);
  });

  test('of bodies that are not complete', async () => {
    const body = ' '.repeat(262_144);
    const incomplete = headOf('/api/v1/tickets', body) + body.slice(1);
    const [second, third] = [await makeShop(gateway.database), await makeShop(gateway.database)];
    const sockets = await sendAll(Array(300).fill(incomplete));
    await eventually(() => expect(refused().length).toBeGreaterThanOrEqual(44));
    expect((await postGraphQL(gateway, third.key, '{ shop { id } }')).status).toBe(200);
    // Nor are two of them enough to keep it from others.
    sockets.push(...(await sendAll(Array(300).fill(incomplete.replace(shop.key, second.key)))));
    await eventually(() => expect(refused().length).toBeGreaterThanOrEqual(88));
    expect((await postGraphQL(gateway, third.key, '{ shop { id } }')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

test('whatever two shops hold, a third has room for a request', () => {
  const held = new HeldBytes();
  for (const shopId of [1, 2]) held.note(shopId, 67_108_864);
  for (const shopId of [1, 2]) expect(() => held.requireRoom(shopId)).toThrow('Too many long bodies');
  expect(() => held.requireRoom(3)).not.toThrow();
  held.note(3, 1_048_576);
  expect(() => held.requireRoom(3)).toThrow('Too many long bodies');
});

test('a drain waits for no connection over which nothing has come', async () => {
  const draining = await listen(gateway.gateway, 0, '127.0.0.1');
  const closed = readAll(await openSocket(draining.url));
  await draining.drain(60_000);
  expect(await closed).toBe('');
});

test('a drain answers those who connected before it closes the port, though it was busy then', async () => {
  const draining = await listen(gateway.gateway, 0, '127.0.0.1');
  const { hostname, port } = new URL(draining.url);
  const drained = draining.drain(60_000);
  const health = 'GET /health HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\n\r\n';
  // Before the time for leave-taking is over, and until after it nothing is accepted.
  const answers = Array.from({ length: 50 }, () => {
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    socket.write(health);
    return readAll(socket);
  });
  const busyUntil = performance.now() + 400;
  while (performance.now() < busyUntil);
  const statuses = (await Promise.all(answers)).map((answer) => answer.slice(0, 12));
  expect(statuses).toEqual(Array(50).fill('HTTP/1.1 200'));
  await drained;
});

test('a drain waits for a client that is still reading its answer', async () => {
  const draining = await listen(gateway.gateway, 0, '127.0.0.1');
  const socket = await openSocket(draining.url);
  socket.pause();
  socket.write('GET /graphql HTTP/1.1\r\nHost: gateway.test\r\nAccept: text/html\r\n\r\n');
  await eventually(() => expect(gateway.log).not.toEqual([]));
  const drained = draining.drain(60_000);
  // Past the moment at which the drain has ended the connections that are idle.
  const connectAndLeave = async () => (await openSocket(draining.url)).destroy();
  await eventually(() => expect(connectAndLeave()).rejects.toThrow('ECONNREFUSED'));
  const [head = '', page = ''] = (await readAll(socket.setEncoding('latin1').resume())).split(
    /\r\n\r\n(.*)/s,
  );
  expect(page.length).toBe(Number(/content-length: (\d+)/.exec(head)?.[1]));
  await drained;
});

test('a client waits for an answer as long as it may take to be made, and its silence is no reason to cut it off', async () => {
  const { statements, release } = holdStatements();
  const [patient, impatient] = [
    await listenWith({ silence: 50, answer: 60_000 }),
    await listenWith({ silence: 50, answer: 0 }),
  ];
  const answer = fetch(new URL(path, patient), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': shop.key },
    body,
  });
  await eventually(() => expect(statements).toHaveBeenCalledTimes(1));
  // Cut off after a silence that began later than that of the other, which is still waited for.
  expect(await readAll(await openSocket(impatient))).toBe('');
  release();
  expect((await answer).status).toBe(201);
});
