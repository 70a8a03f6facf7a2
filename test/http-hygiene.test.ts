import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { listen } from '../src/server.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, startGateway } from './helpers/gateway.ts';
import { exchange, openSocket, parseAnswer, readAll } from './helpers/sockets.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const other = await makeShop(gateway.database);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));

const doors = {
  '/graphql': {
    body: '{"query":"{ shop { domain } }"}',
    status: 200,
    refusal: (code: string, message: string): object => ({
      errors: [{ message, extensions: { code, requestId: 'test' } }],
    }),
  },
  '/api/v1/tickets': {
    body: JSON.stringify({ customerId: shop.customerId, Channel: 'Mail' }),
    status: 201,
    refusal: (code: string, message: string): object => ({ error: message, code, requestId: 'test' }),
  },
} as const;

const json = { 'content-type': 'application/json', 'x-request-id': 'test' };
const withKey = { ...json, 'x-api-key': shop.key };
const security = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const post = (path: string, headerLines: readonly string[], body: string) =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: gateway.test',
    'Connection: close',
    'Content-Type: application/json',
    'X-Request-Id: test',
    ...headerLines,
    '',
    body,
  ].join('\r\n');

describe.each(Object.entries(doors))('%s', (path, { body, status, refusal }) => {
  test.each([
    ['gzip', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['identity, gzip', gzipSync(body)],
    ['gzip', Buffer.from(body)],
  ])('the content encoding %s is 415', async (encoding, bytes) => {
    const headers = { ...withKey, 'content-encoding': encoding };
    const answer = await gateway.send(path, { method: 'POST', headers, body: bytes });
    expect(answer.status).toBe(415);
    expect(answer.headers.get('accept-encoding')).toBe('identity');
    expect(answer.body).toEqual(refusal('UNSUPPORTED_MEDIA_TYPE', 'The body must not be compressed'));
  });

  test('a transfer encoding that compresses is 415', async () => {
    const lines = [`X-Api-Key: ${shop.key}`, 'Transfer-Encoding: gzip, chunked'];
    const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const answer = parseAnswer(await exchange(server.url, post(path, lines, chunks)));
    expect(answer.status).toBe(415);
    const message = 'The body must not be compressed';
    expect(JSON.parse(answer.body)).toEqual(refusal('UNSUPPORTED_MEDIA_TYPE', message));
  });

  test.each([
    ['with a key', [`X-Api-Key: ${shop.key}`], 400, 'BAD_REQUEST'],
    ['without one', [], 401, 'MISSING_API_KEY'],
  ])(
    'who sends a body byte by byte %s loses the connection after some hundreds',
    async (_, lines, ...refusal) => {
      gateway.log.length = 0;
      const text = post(path, [...lines, 'Transfer-Encoding: chunked'], '1\r\n \r\n'.repeat(300));
      const answer = await exchange(server.url, text.replace('Connection: close\r\n', ''));
      expect(answer).not.toContain('HTTP/1.1 2');
      await eventually(() => expect(gateway.log).toHaveLength(1));
      const [status, code] = refusal;
      expect(gateway.log).toEqual([expect.objectContaining({ msg: 'request', status, code })]);
    },
  );

  test.each(['identity', 'Identity', ''])('the content encoding "%s" is taken', async (encoding) => {
    const headers = { ...withKey, 'content-encoding': encoding };
    expect(await gateway.send(path, { method: 'POST', headers, body })).toMatchObject({ status });
  });

  test.each([
    ['two keys in x-api-key', [`X-Api-Key: ${shop.key}`, `X-Api-Key: ${other.key}`]],
    ['one key twice in x-api-key', [`X-Api-Key: ${shop.key}`, `x-api-key: ${shop.key}`]],
    ['a key and a blank in x-api-key', [`X-Api-Key: ${shop.key}`, 'X-Api-Key: ']],
    ['a list of keys in x-api-key', [`X-Api-Key: ${shop.key}, ${other.key}`]],
    [
      'two keys in Authorization',
      [`Authorization: Bearer ${shop.key}`, `Authorization: Bearer ${other.key}`],
    ],
    [
      'a second key behind as many other headers as there may be',
      [`X-Api-Key: ${shop.key}`, ...Array<string>(193).fill('a:'), `X-Api-Key: ${other.key}`],
    ],
    ['two schemes in Authorization', ['Authorization: Basic dTpw', `Authorization: Bearer ${shop.key}`]],
    [
      'two keys in Authorization beside x-api-key',
      [`X-Api-Key: ${shop.key}`, `Authorization: Bearer ${shop.key}`, `Authorization: Bearer ${shop.key}`],
    ],
  ])('%s is 400', async (_, headerLines) => {
    const length = `Content-Length: ${body.length}`;
    const answer = parseAnswer(await exchange(server.url, post(path, [...headerLines, length], body)));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual(refusal('BAD_REQUEST', 'The credential must be sent once'));
  });

  test.each([`Bearer ${other.key}`, 'Digest username="somebody", realm="a proxy", uri="/"'])(
    'a key in x-api-key beside the Authorization %s is not ambiguous: x-api-key is the one',
    async (authorization) => {
      const headers = { ...withKey, authorization };
      const answer = await gateway.send(path, { method: 'POST', headers, body });
      expect(answer.status).toBe(status);
      expect(JSON.stringify(answer.body)).toContain(shop.domain);
    },
  );

  test('a body that tells a length of gigabytes is 413 before any of it is read, and the connection is closed', async () => {
    const text = post(path, [`X-Api-Key: ${shop.key}`, 'Content-Length: 10000000000'], '{');
    const answer = parseAnswer(await exchange(server.url, text.replace('Connection: close\r\n', '')));
    expect(answer.status).toBe(413);
    expect(answer.headers.connection).toBe('close');
    const message = 'The body must have at most 524288 bytes';
    expect(JSON.parse(answer.body)).toEqual(refusal('PAYLOAD_TOO_LARGE', message));
  });

  test('a chunked body without end is dropped with its connection', async () => {
    gateway.log.length = 0;
    const socket = await openSocket(server.url);
    const closed = readAll(socket);
    socket.write(post(path, [`X-Api-Key: ${shop.key}`, 'Transfer-Encoding: chunked'], ''));
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    while (!socket.destroyed) {
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
    }
    await closed;
    await eventually(() => expect(gateway.log).toMatchObject([{ status: 413, code: 'PAYLOAD_TOO_LARGE' }]));
  });
});

test.each([
  ['no key is needed to refuse it', '/api/v1/tickets', 401],
  ['nothing is served there', '/nothing', 404],
])('a chunked body without end is dropped with its connection, too, when %s', async (_, path, status) => {
  gateway.log.length = 0;
  const socket = await openSocket(server.url);
  const closed = readAll(socket);
  socket.write(
    post(path, ['Transfer-Encoding: chunked'], '').replace('Connection: close', 'Connection: keep-alive'),
  );
  await eventually(() => expect(gateway.log).toMatchObject([{ status }]));
  const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
  while (!socket.destroyed) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
  }
  expect(await closed).toMatch(`HTTP/1.1 ${status} `);
});

test('an Idempotency-Key that is sent twice is 400, and one that holds a comma is not', async () => {
  const { body } = doors['/api/v1/tickets'];
  const send = async (keys: readonly string[]) => {
    const lines = keys.map((key) => `Idempotency-Key: ${key}`);
    const text = post(
      '/api/v1/tickets',
      [`X-Api-Key: ${shop.key}`, `Content-Length: ${body.length}`, ...lines],
      body,
    );
    return parseAnswer(await exchange(server.url, text));
  };
  const refused = await send(['order-17', 'order-17']);
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.body)).toMatchObject({
    error: 'The Idempotency-Key must be sent once',
    code: 'BAD_REQUEST',
  });
  expect((await send(['order-17, order-17'])).status).toBe(201);
});

test.each([
  ['a length beside chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
  ['two lengths', ['Content-Length: 2', 'Content-Length: 3'], '{} '],
  ['a length that is no number', ['Content-Length: +2'], '{}'],
  ['an unknown transfer encoding', ['Transfer-Encoding: gzip'], '{}'],
  ['chunks that are none', ['Transfer-Encoding: chunked'], 'xyz\r\n'],
])('%s is 400', async (_, headerLines, body) => {
  const text = post('/api/v1/tickets', [`X-Api-Key: ${shop.key}`, ...headerLines], body);
  expect(parseAnswer(await exchange(server.url, text)).status).toBe(400);
});

test.each([
  ['a space in the host', '/health', ['a b']],
  ['a host that is no host', '/health', ['[::']],
  ['a port that is none', '/health', ['gateway.test:port']],
  ['a path in the host, which would take the place of its own', '/', ['gateway.test/health?']],
  ['a user in the host', '/health', ['user@gateway.test']],
  ['a query in the host', '/health', ['gateway.test?']],
  ['a fragment in the host', '/health', ['gateway.test#']],
  ['a backslash in the host', '/health', ['gateway.test\\health']],
  ['two hosts', '/health', ['gateway.test', 'gateway.test']],
  ['no host', '/health', []],
  ['a host with letters that no host has', '/health', ['g\u00e4teway.test']],
  ['a host in braces', '/health', ['{gateway.test}']],
  ['a whole URL for a path', 'http://gateway.test/health', ['gateway.test']],
  ['an asterisk for a path', '*', ['gateway.test']],
])('%s is 400', async (_, path, hosts) => {
  const lines = [`OPTIONS ${path} HTTP/1.1`, ...hosts.map((host) => `Host: ${host}`), 'Connection: close'];
  const answer = parseAnswer(await exchange(server.url, `${lines.join('\r\n')}\r\n\r\n`));
  const requestId = answer.headers['x-request-id'];
  const error = 'The Host header or the path is malformed';
  expect({ ...answer, body: JSON.parse(answer.body) }).toEqual({
    status: 400,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': expect.any(String),
      connection: 'close',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      ...security,
    },
    body: { error, code: 'BAD_REQUEST', requestId },
  });
});

test.each([
  [
    'a ticket',
    '/api/v1/tickets',
    { method: 'POST', headers: withKey, body: doors['/api/v1/tickets'].body },
    201,
  ],
  ['a refused ticket', '/api/v1/tickets', { method: 'POST', headers: withKey, body: '{}' }, 400],
  ['a result', '/graphql', { method: 'POST', headers: withKey, body: doors['/graphql'].body }, 200],
  ['a request without a key', '/graphql', { method: 'POST', headers: json, body: '{}' }, 401],
  ['another method', '/api/v1/tickets', { headers: withKey }, 405],
  ['another path', '/tickets', { headers: json }, 404],
  ['the probe of the process', '/health', { headers: json }, 200],
  ['the probe of the database', '/ready', { headers: json }, 200],
  ['the reference page', '/docs', { headers: json }, 200],
  ['the OpenAPI document', '/api/v1/openapi.json', { headers: json }, 200],
  ['the page', '/graphql', { headers: { ...json, accept: 'text/html' } }, 200],
])('the answer to %s tells browsers to guess, name and keep nothing', async (_, path, init, status) => {
  const answer = await gateway.send(path, init);
  expect(answer.status).toBe(status);
  expect(Object.fromEntries(answer.headers)).toMatchObject(security);
});

test('the page may run its own script and talk to its own gateway, and nothing else', async () => {
  const answer = await gateway.send('/graphql', { headers: { accept: 'text/html' } });
  const page = String(answer.body);
  const script = page.slice(page.indexOf('<script>') + '<script>'.length, page.lastIndexOf('</script>'));
  const hash = createHash('sha256').update(script).digest('base64');
  expect(answer.headers.get('content-security-policy')).toBe(
    `default-src 'none'; script-src 'sha256-${hash}'; worker-src blob:; style-src 'unsafe-inline'; ` +
      "font-src data:; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
      "frame-ancestors 'none'",
  );
});
