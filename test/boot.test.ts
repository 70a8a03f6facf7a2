import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { DemoShop } from '../src/shops/demo-shop.ts';
import { DATABASE_PASSWORD as password } from './helpers/planted-secrets.ts';
import { prepareCommandLine } from './helpers/process.ts';
import { type FinishedProcess, type StartedProcess, sourceProgram } from './helpers/start-process.ts';

interface Urls {
  readonly graphql: string;
  readonly rest: string;
}

const { engine } = inject('template');
const commandLine = await prepareCommandLine();
const ticketId = expect.stringMatching(/^\d+$/);

async function post(url: string, key: string, body: object, requestId = 'test') {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'x-request-id': requestId },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

async function get(url: string, path: string) {
  const response = await fetch(new URL(path, url));
  return { status: response.status, body: await response.json() };
}

/** A port of loopback on which something, or with `close` at once nothing, listens. */
async function takePort(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

// The tests of this file follow each other on one database, as the boots of a newcomer do.
let demo: DemoShop;
const ticketIds: string[] = [];

const ticketsThere = async ({ graphql }: Urls): Promise<unknown> => {
  const fields = ticketIds.map((id, index) => `t${index}: ticket(id: "${id}") { id }`);
  const { body } = await post(graphql, demo.key, { query: `{ ${fields.join(' ')} }` });
  return Object.values(body.data);
};
const allTickets = () => ticketIds.map((id) => ({ id }));

// From the sources, as `npm start` does it; all other processes are of the build.
describe('the first boot, with --json', () => {
  let server: StartedProcess;
  let printed: Urls & { readonly demo: DemoShop | null };

  beforeAll(async () => {
    server = commandLine.start(['serve', '--json'], {}, sourceProgram);
    printed = JSON.parse((await server.waitFor(/.*\n/))[0]);
    // Nobody's PostgreSQL is given demo data that was not asked for.
    if (engine === 'PostgreSQL') demo = JSON.parse((await commandLine.run(['seed', '--json'])).stdout);
    else if (printed.demo) demo = printed.demo;
  });
  afterAll(() => server.end('SIGKILL'));

  test('prints the URLs of both doors, and on PGlite the demo data', () => {
    const shop = { shop: { id: 1, domain: 'demo.example' }, customerId: 1, agentId: 1 };
    expect(printed).toEqual({
      graphql: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/),
      rest: printed.graphql.replace('graphql', 'api/v1/tickets'),
      demo: engine === 'PGlite' ? { ...shop, key: expect.stringMatching(/^tgw_/) } : null,
    });
  });

  test('takes a ticket through each door with the demo key', async () => {
    const query =
      'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { ... on CreateTicketSuccess { ticket { id channel } } } }';
    const variables = { input: { customerId: demo.customerId, channel: 'Mail' } };
    const throughGraphQL = await post(printed.graphql, demo.key, { query, variables });
    expect(throughGraphQL).toEqual({
      status: 200,
      body: { data: { createTicket: { ticket: { id: ticketId, channel: 'Mail' } } } },
    });
    const v1 = { customerId: demo.customerId, Channel: 'Mail' };
    const throughRest = await post(printed.rest, demo.key, v1);
    expect(throughRest).toMatchObject({
      status: 201,
      body: { success: true, ticket: { id: ticketId, Channel: 'Mail', shopDomain: 'demo.example' } },
    });
    ticketIds.push(throughGraphQL.body.data.createTicket.ticket.id, throughRest.body.ticket.id);
    expect(await ticketsThere(printed)).toEqual(allTickets());
  });

  test('answers the probes, at their exact paths only', async () => {
    expect(await get(printed.graphql, '/health')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await get(printed.graphql, '/ready')).toEqual({ status: 200, body: { status: 'ready' } });
    expect(await get(printed.graphql, '/healthz')).toMatchObject({ status: 404 });
    expect(await get(printed.graphql, '/ready/')).toMatchObject({ status: 404 });
  });

  test('ends with 0 on SIGTERM, with the one JSON value as all of standard output', async () => {
    const { exitCode, stdout, stderr } = await server.end('SIGTERM');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${JSON.stringify(printed)}\n` });
    expect(stderr.startsWith('Creating the embedded database.')).toBe(engine === 'PGlite');
  });
});

describe('the second boot, for people', () => {
  let server: StartedProcess;
  let text: string;
  let urls: Urls;

  beforeAll(async () => {
    server = commandLine.start(['serve']);
    [text] = await server.waitFor(/[\s\S]*listening.*\n/);
    const [graphql = '', rest = ''] = text.match(/http:\S+/g) ?? [];
    urls = { graphql, rest };
  });
  afterAll(() => server.end('SIGKILL'));

  test('finds the tickets of the first', async () => {
    expect(await ticketsThere(urls)).toEqual(allTickets());
  });

  if (engine === 'PGlite') {
    test('shows the demo key again, and a curl for each door that creates a ticket when pasted', async () => {
      expect(text).toContain(`customer ${demo.customerId}, agent ${demo.agentId}, key ${demo.key}`);
      const commands = text.match(/^ *curl (?:.*\\\n)*.*$/gm) ?? [];
      const answers = await Promise.all(
        commands.map(async (command) => {
          const { stdout } = await promisify(execFile)('bash', ['-c', command]);
          return JSON.parse(stdout);
        }),
      );
      const customer = { email: 'ada@customer.example' };
      expect(answers).toEqual([
        { data: { createTicket: { ticket: { id: ticketId, channel: 'Mail', customer } } } },
        { success: true, ticket: expect.objectContaining({ id: ticketId, Channel: 'Mail', assigned_to: 1 }) },
      ]);
      ticketIds.push(answers[0].data.createTicket.ticket.id, answers[1].ticket.id);
      expect(await ticketsThere(urls)).toEqual(allTickets());
    });
  } else {
    test('shows no key, and how to make one', () => {
      expect(text).not.toContain(demo.key);
      expect(text).not.toContain('curl');
      expect(text).toContain('and a key for it with node dist/main.js keys create --help');
    });
  }

  test('ends with 0 on SIGINT', async () => {
    expect(await server.end('SIGINT')).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('a boot with LOG_FORMAT=json', () => {
  let server: StartedProcess;
  let urls: Urls;
  let finished: FinishedProcess;
  let answer: string;

  beforeAll(async () => {
    server = commandLine.start(['serve'], { LOG_FORMAT: 'json' });
    const [line] = await server.waitFor(/.*"listening".*\n/);
    urls = JSON.parse(line);
    await post(urls.rest, demo.key, { customerId: demo.customerId, Channel: 'Mail' }, 'first');
    await post(urls.graphql, demo.key, { query: '{ shop { domain } }' }, 'second');
    await post(urls.rest, 'no-such-key', {}, 'third');
    [answer, finished] = await sendAcrossSigterm();
  });
  afterAll(() => server.end('SIGKILL'));

  async function sendAcrossSigterm(): Promise<[string, FinishedProcess]> {
    const body = JSON.stringify({ customerId: demo.customerId, Channel: 'Chat' });
    const socket = connect(Number(new URL(urls.rest).port), '127.0.0.1').setEncoding('utf8');
    let received = '';
    socket.on('data', (text) => {
      received += text;
    });
    const head = [
      'POST /api/v1/tickets HTTP/1.1',
      'host: gateway.test',
      'content-type: application/json',
      `content-length: ${body.length}`,
      `x-api-key: ${demo.key}`,
      'x-request-id: fourth',
      // Its interim answer tells that the server has the request in hand.
      'expect: 100-continue',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await once(socket, 'data');
    socket.write(body.slice(0, 10));
    const ended = server.end('SIGTERM');
    await server.waitFor(/"stopping/);
    socket.write(body.slice(10));
    await once(socket, 'end');
    socket.end();
    return [received, await ended];
  }

  test('answers a request that SIGTERM came upon, and ends with 0', () => {
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 Created\r\n/);
    expect(answer).toContain('"Channel":"Chat"');
    expect(finished).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('writes nothing but JSON lines, one for each request with its id', () => {
    const lines = finished.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(
      lines.map(({ msg, requestId, door, status, code }) => [msg, requestId, door, status, code]),
    ).toEqual(
      [
        ['listening'],
        ['request', 'first', 'rest', 201],
        ['request', 'second', 'graphql', 200],
        ['request', 'third', 'rest', 401, 'INVALID_API_KEY'],
        [expect.stringMatching(/^stopping/)],
        ['request', 'fourth', 'rest', 201],
        ['stopped'],
      ].map((values) => [...values, ...Array(5 - values.length).fill(undefined)]),
    );
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a boot that waits for its database ends with 0 on %s',
  async (signal) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const DATABASE_URL = `postgres://somebody:${password}@127.0.0.1:${port}/database`;
    const booting = commandLine.start(['serve'], { DATABASE_URL });
    await once(silent, 'connection');
    silent.close();
    expect(await booting.end(signal)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  },
);

describe('a boot that cannot be', () => {
  test('lists every bad variable, and neither the password in one nor a stack', async () => {
    const bad = {
      PORT: 'http',
      DATABASE_URL: `postgres://somebody:${password}@127.0.0.1:port/database`,
      DATABASE_POOL_SIZE: '1',
      AUTO_MIGRATE: 'perhaps',
      LOG_LEVEL: 'loud',
      LOG_FORMAT: 'xml',
      RATE_LIMIT: '0',
      RATE_LIMIT_BURST: '1.5',
      REDIS_URL: `https://:${password}@127.0.0.1`,
      AUTH_FAILURE_LIMIT: 'none',
      TRUSTED_PROXIES: 'proxy.example',
      DRAIN_TIMEOUT: '-1',
      METRICS_PORT: '65536',
      OTEL_EXPORTER_OTLP_ENDPOINT: `grpc://:${password}@127.0.0.1`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_EXPORTER: 'zipkin',
    };
    const { stderr, ...others } = await commandLine.run(['serve'], bad);
    expect(others).toEqual({ exitCode: 1, stdout: '' });
    const [heading, ...problems] = stderr.trimEnd().split('\n');
    expect(heading).toBe('The configuration is wrong:');
    expect(problems.map((line) => line.trim().split(' must be ')[0])).toEqual(Object.keys(bad));
    expect(stderr).not.toContain(password);
  });

  test('takes a password in REDIS_URL for one only when it can be decoded', async () => {
    expect(await commandLine.run(['serve'], { REDIS_URL: `redis://:${password}%ZZ@127.0.0.1` })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'The configuration is wrong:\n' +
        '  REDIS_URL must be a URL such as redis://user:password@host:6379/0, with %25 for a percent sign\n',
    });
  });

  test.each(['PORT', 'METRICS_PORT'])('says in one line that the port is taken in %s', async (variable) => {
    const { port, close } = await takePort();
    const finished = await commandLine.run(['serve'], { [variable]: String(port) });
    await close();
    const stderr = expect.stringMatching(
      new RegExp(`^Cannot listen on 127\\.0\\.0\\.1, port ${port}: .*EADDRINUSE.*\n$`),
    );
    expect(finished).toEqual({ exitCode: 1, stdout: '', stderr });
  });

  test('says in one line that no database answers, without its password', async () => {
    const { port, close } = await takePort();
    await close();
    const DATABASE_URL = `postgres://somebody:${password}@127.0.0.1:${port}/database`;
    expect(await commandLine.run(['serve'], { DATABASE_URL })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `The database at DATABASE_URL cannot be used: connect ECONNREFUSED 127.0.0.1:${port}\n`,
    });
  });
});
