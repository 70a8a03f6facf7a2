import { createServer, request as httpRequest } from 'node:http';
import { afterAll, describe, expect, test } from 'vitest';
import { createLogger } from '../src/log.ts';
import { listen, listenOn } from '../src/server.ts';
import { makeShop, postTicket, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));

const ticket = JSON.stringify({ customerId: shop.customerId, Channel: 'Mail' });
const headers = { 'content-type': 'application/json', 'x-api-key': shop.key, 'x-request-id': 'test' };

const doors = ['/graphql', '/api/v1/tickets'];
const refusal = (path: string, code: string, message: string) =>
  path === '/graphql'
    ? { errors: [{ message, extensions: { code, requestId: 'test' } }] }
    : { error: message, code, requestId: 'test' };

describe.each(doors)('%s', (path) => {
  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', ...(path === '/graphql' ? [] : ['GET'])])(
    '%s is 405 and names the methods that are taken',
    async (method) => {
      const answer = await gateway.send(path, { method, headers });
      const allow = path === '/graphql' ? 'GET, POST' : 'POST';
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe(allow);
      expect(answer.body).toEqual(refusal(path, 'METHOD_NOT_ALLOWED', `Method not allowed; use ${allow}`));
    },
  );

  test.each(['{', 'null', '[]', '"text"', '5', '', '{"customerId":1,}', 'customerId=1'])(
    'the body %j is 400',
    async (body) => {
      const answer = await gateway.send(path, { method: 'POST', headers, body });
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(refusal(path, 'INVALID_JSON', 'The body must be a JSON object in UTF-8'));
    },
  );

  test('a body in another encoding is 400, and nothing of it is stored with letters replaced', async () => {
    const body = Buffer.from('{"customerId":1,"Channel":"M\u00fcller"}', 'latin1');
    const answer = await gateway.send(path, { method: 'POST', headers, body });
    expect(answer.body).toEqual(refusal(path, 'INVALID_JSON', 'The body must be a JSON object in UTF-8'));
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
    'application/jsonp',
    'text/plain; application/json',
  ])('the content type %s is 415', async (contentType) => {
    const answer = await gateway.send(path, {
      method: 'POST',
      headers: { ...headers, 'content-type': contentType },
      body: ticket,
    });
    expect(answer.status).toBe(415);
    expect(answer.body).toEqual(
      refusal(path, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be sent as application/json'),
    );
  });

  test('a body of more than 512 KiB is 413, whether or not it tells its length', async () => {
    const body = `{"query":"${'x'.repeat(512 * 1024)}"}`;
    const expected = refusal(path, 'PAYLOAD_TOO_LARGE', 'The body must have at most 524288 bytes');
    const told = await fetch(new URL(path, server.url), { method: 'POST', headers, body });
    expect([told.status, await told.json()]).toEqual([413, expected]);
    const chunked = await new Promise<[number | undefined, unknown]>((resolve, reject) => {
      const request = httpRequest(new URL(path, server.url), { method: 'POST', headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve([response.statusCode, JSON.parse(text)]));
      });
      request.on('error', reject);
      request.write(body.slice(0, 1000));
      request.end(body.slice(1000));
    });
    expect(chunked).toEqual([413, expected]);
  });
});

test.each([
  ['a list in lists', '['.repeat(250_000) + ']'.repeat(250_000)],
  ['numbers', `[${'1,'.repeat(9_996)}1]`],
  ['empty objects', `[${'{},'.repeat(5_000)}{}]`],
])('a body of more than 10,000 values is 413: %s', async (_, value) => {
  const answer = await postTicket(gateway, shop.key, `${ticket.slice(0, -1)},"more":${value}}`);
  expect(answer.status).toBe(413);
  const message = 'The body must have at most 10000 values';
  expect(answer.body).toEqual(refusal('/api/v1/tickets', 'PAYLOAD_TOO_LARGE', message));
});

test('a body of 10,000 values is taken, and brackets, commas and quotes within a text are none', async () => {
  const [values, text] = [`[${'1,'.repeat(9_994)}1]`, JSON.stringify('[{,"\\'.repeat(10_000))];
  const body = `${ticket.slice(0, -1)},"more":${values},"lastMessage":${text}}`;
  expect(await postTicket(gateway, shop.key, body)).toMatchObject({ status: 201 });
});

test('a body of exactly 512 KiB is taken', async () => {
  const padding = ' '.repeat(512 * 1024 - ticket.length);
  expect(await postTicket(gateway, shop.key, ticket + padding)).toMatchObject({ status: 201 });
});

test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json ;charset=UTF-8'])(
  'the content type %s is taken',
  async (contentType) => {
    const answer = await gateway.send('/api/v1/tickets', {
      method: 'POST',
      headers: { ...headers, 'content-type': contentType },
      body: ticket,
    });
    expect(answer.status).toBe(201);
  },
);

test.each([
  '/docs/',
  '/docs/redoc',
  '/openapi.json',
  '/graphql/',
  '/graphql/health',
  '/foo/graphql',
  '/foo/health',
  '/healthz',
  '/api/v1/tickets/1',
  '/api/v2/tickets',
  '/x/api/v1/tickets',
  '/constructor',
])('%s is 404', async (path) => {
  const answer = await gateway.send(path, { headers });
  expect(answer.status).toBe(404);
  expect(answer.body).toEqual({ error: 'Not found', code: 'NOT_FOUND', requestId: 'test' });
});

test('/health and /ready answer without a key', async () => {
  expect(await gateway.send('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(await gateway.send('/ready')).toMatchObject({ status: 200, body: { status: 'ready' } });
});

test('the request id is the client’s own where it fits into a log line, else a new one', async () => {
  const idFor = async (id: string) => {
    const answer = await gateway.send('/health', { headers: { 'x-request-id': id } });
    return answer.headers.get('x-request-id');
  };
  expect(await idFor('abc-123:4/5.6_7+8=')).toBe('abc-123:4/5.6_7+8=');
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  expect(await idFor('')).toMatch(uuid);
  expect(await idFor('a b')).toMatch(uuid);
  expect(await idFor('x'.repeat(129))).toMatch(uuid);
});

test.each([
  ['a key that was minted here', {}, 'tgw_0123456789'],
  ['a token', {}, 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl'],
  ['the key of the request', { 'x-api-key': 'imported-key-1' }, 'imported-key-1'],
  ['the key of the request, sent as a bearer', { authorization: 'Bearer imported-key-1' }, 'imported-key-1'],
  ['the key of the request, quoted', { 'x-api-key': '"imported-key-1"' }, 'imported-key-1'],
  [
    'the key of the request, as a parameter',
    { authorization: 'ApiKey key=imported-key-1;' },
    'imported-key-1',
  ],
  ['the key of the request, behind a tab', { authorization: 'Bearer\timported-key-1' }, 'imported-key-1'],
  ['the key of the request and more', { 'x-api-key': 'imported-key-1' }, 'id/imported-key-1/7'],
])('a request id that holds %s is replaced', async (_, headers, id) => {
  const answer = await gateway.send('/health', { headers: { ...headers, 'x-request-id': id } });
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test('no page of another origin can read an answer, or post without the content type that browsers ask leave for', async () => {
  const answer = await gateway.send('/api/v1/tickets', {
    method: 'POST',
    headers: { ...headers, origin: 'https://evil.example' },
    body: ticket,
  });
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

test('connections that cannot be accepted are logged, and the process lives', async () => {
  const listening = createServer();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  await listenOn(listening, 0, '127.0.0.1', createLogger({ level: 'info', format: 'json', destination }));
  for (const code of ['EMFILE', 'ENOMEM']) listening.emit('error', Object.assign(new Error(code), { code }));
  const msg = 'a connection could not be accepted';
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 40, msg, err: { code: 'EMFILE' } },
    { level: 40, msg, err: { code: 'ENOMEM' } },
  ]);
  listening.close();
});
