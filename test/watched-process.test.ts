import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startCollector } from './helpers/collector.ts';
import { prepareCommandLine } from './helpers/process.ts';
import { builtProgram, type StartedProcess } from './helpers/start-process.ts';

interface Listening {
  readonly rest: string;
  readonly metrics?: string;
}

interface Running extends Listening {
  readonly server: StartedProcess;
}

const collector = await startCollector();
const commandLine = await prepareCommandLine();
const toCollector = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
let key: string;

beforeAll(async () => {
  key = JSON.parse((await commandLine.run(['seed', '--json'])).stdout).key;
});

// The embedded database has one owner, so that each process ends before the next.
let running: StartedProcess | undefined;
afterEach(async () => {
  await running?.end('SIGKILL');
  collector.answer = 200;
});

async function start(environment: Record<string, string>, program = builtProgram): Promise<Running> {
  const server = commandLine.start(['serve'], { LOG_FORMAT: 'json', ...environment }, program);
  running = server;
  const [line] = await server.waitFor(/.*"listening".*\n/);
  return { server, ...(JSON.parse(line) as Listening) };
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

async function createTicket(url: string): Promise<number> {
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, traceparent },
    body: JSON.stringify({ customerId: 1, Channel: 'Mail' }),
  });
  return status;
}

describe('a gateway loads the library of metrics and OpenTelemetry only when it is to use them', () => {
  // Both are CommonJS, whoever imports them. What was loaded is said at the very end.
  const sayLoaded = `data:text/javascript,
    import { createRequire } from 'node:module';
    const { cache } = createRequire('file:///');
    process.on('exit', () => {
      const watched = Object.keys(cache).filter((path) => /prom-client|opentelemetry/.test(path));
      const names = watched.map((path) => path.split('node_modules/').at(-1).split('/build/')[0].split('/lib/')[0]);
      process.stderr.write(JSON.stringify([...new Set(names)]));
    });`;

  test.each([
    ['nothing is asked for', {}, []],
    ['the SDK is disabled', { ...toCollector, OTEL_SDK_DISABLED: 'TRUE' }, []],
    ['traces are exported to none', { ...toCollector, OTEL_TRACES_EXPORTER: 'none' }, []],
    ['metrics are asked for', { METRICS_PORT: '0' }, ['prom-client', '@opentelemetry/api']],
    ['traces are asked for', toCollector, ['@opentelemetry/sdk-trace', '@opentelemetry/api']],
  ])('%s', async (_, environment, loaded) => {
    const { server, rest } = await start(environment, ['--import', sayLoaded, ...builtProgram]);
    expect(await createTicket(rest)).toBe(201);
    const { exitCode, stderr } = await server.end('SIGTERM');
    expect(exitCode).toBe(0);
    const names = JSON.parse(stderr);
    expect(names).toEqual(loaded.length === 0 ? [] : expect.arrayContaining(loaded));
  });
});

test('metrics are served until the last request is answered', async () => {
  const { server, rest, metrics = '' } = await start({ METRICS_PORT: '0' });
  expect(metrics).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  expect(new URL(metrics).port).not.toBe(new URL(rest).port);
  const body = JSON.stringify({ customerId: 1, Channel: 'Mail' });
  const socket = connect(Number(new URL(rest).port), '127.0.0.1').setEncoding('utf8');
  const head = [
    'POST /api/v1/tickets HTTP/1.1',
    'host: gateway.test',
    'content-type: application/json',
    `content-length: ${body.length}`,
    `x-api-key: ${key}`,
    'expect: 100-continue',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  const ended = server.end('SIGTERM');
  await server.waitFor(/"stopping/);
  const whileDraining = await fetch(metrics);
  expect(await whileDraining.text()).toContain('ticket_gateway_tickets_total{outcome="created"} 0');
  socket.write(body);
  const [answer] = await once(socket, 'data');
  expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
  socket.end();
  expect(await ended).toMatchObject({ exitCode: 0, stderr: '' });
});

describe('the spans of a process', () => {
  test('are sent before it ends, those of Prisma’s statements too', async () => {
    const before = collector.received.length;
    const { server, rest } = await start({ ...toCollector, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
    expect(await createTicket(rest)).toBe(201);
    expect(collector.received).toHaveLength(before);
    expect(await server.end('SIGTERM')).toMatchObject({ exitCode: 0, stderr: '' });
    const [request, ...others] = collector.childrenOf('0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331');
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      name: 'POST /api/v1/tickets',
      children: [
        {
          name: 'authenticate',
          children: expect.arrayContaining([expect.objectContaining({ name: 'SELECT api_keys' })]),
        },
        { name: 'createTicket', children: [{ name: 'INSERT tickets' }] },
      ],
    });
  });

  test('are sent as protobuf unless it is to be JSON, and under the name that the service is given', async () => {
    const before = collector.received.length;
    const { server, rest } = await start({ ...toCollector, OTEL_SERVICE_NAME: 'tickets-of-ours' });
    expect(await createTicket(rest)).toBe(201);
    await server.end('SIGTERM');
    const [sent] = collector.received.slice(before);
    expect(sent?.type).toBe('application/x-protobuf');
    for (const text of ['tickets-of-ours', 'POST /api/v1/tickets', 'INSERT tickets']) {
      expect(sent?.text).toContain(text);
    }
  });

  test('hold up nothing when the collector never answers, which is told once', async () => {
    collector.answer = 'never';
    const quick = { OTEL_BSP_SCHEDULE_DELAY: '10', OTEL_EXPORTER_OTLP_TIMEOUT: '100' };
    const { server, rest } = await start({ ...toCollector, ...quick });
    for (let round = 1; round <= 3; round += 1) {
      expect(await createTicket(rest)).toBe(201);
      await server.waitFor(/"traces cannot be sent/);
    }
    const { exitCode, stdout } = await server.end('SIGTERM');
    expect(exitCode).toBe(0);
    expect(stdout.match(/traces cannot be sent/g)).toHaveLength(1);
    expect(stdout).toMatch(/"stopped"\}\n$/);
  });
});

test('a bad value of OpenTelemetry’s own variables is told in the log', async () => {
  const bad = { OTEL_TRACES_SAMPLER: 'sometimes', OTEL_EXPORTER_OTLP_COMPRESSION: 'zip' };
  const { server } = await start({ ...toCollector, ...bad });
  const { stdout } = await server.end('SIGTERM');
  expect(stdout).toMatch(
    /OTEL_EXPORTER_OTLP_COMPRESSION is invalid.*\n.*OTEL_TRACES_SAMPLER value .* invalid/,
  );
});

test('a process ends in time also when nobody reads its log', async () => {
  const environment = { ...commandLine.environment, LOG_FORMAT: 'json', DRAIN_TIMEOUT: '1' };
  const child = spawn(process.execPath, [...builtProgram, 'serve', '--json'], { env: environment });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const { rest } = JSON.parse(line);
  const nowhere = new URL('/nowhere', rest);
  const headers = { 'x-request-id': 'x'.repeat(128) };
  // More lines than fit into the pipe and what reads ahead of it.
  for (let round = 0; round < 30; round += 1) {
    await Promise.all(
      Array.from({ length: 50 }, async () => (await fetch(nowhere, { headers })).arrayBuffer()),
    );
  }
  child.kill('SIGTERM');
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('a process goes on, and ends, also when its log cannot be written', async () => {
  const environment = { ...commandLine.environment, LOG_FORMAT: 'json', DRAIN_TIMEOUT: '5' };
  const full = await open('/dev/full', 'w');
  onTestFinished(() => full.close());
  const child = spawn(process.execPath, [...builtProgram, 'serve', '--json'], {
    env: environment,
    stdio: ['ignore', 'pipe', full.fd],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('It has no standard output');
  const ended = once(child, 'exit');
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const { rest } = JSON.parse(line);
  const nowhere = new URL('/nowhere', rest);
  const headers = { 'x-request-id': 'x'.repeat(128) };
  // More lines than are written at once.
  for (let round = 0; round < 300; round += 1) expect((await fetch(nowhere, { headers })).status).toBe(404);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});
