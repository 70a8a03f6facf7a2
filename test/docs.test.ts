import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { listen } from '../src/server.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));

interface Contract {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: {
    readonly '/api/v1/tickets': {
      readonly post: { readonly 'x-codeSamples': readonly { readonly source: string }[] };
    };
  };
}

async function openPage(from = gateway) {
  const { body, headers } = await from.send('/docs');
  const html = String(body);
  const [, json = ''] = /<script type="application\/json" id="contract">(.*)<\/script>/.exec(html) ?? [];
  const { contract }: { contract: Contract } = JSON.parse(json);
  const chapter = contract.tags.find(({ name }) => name === 'GraphQL')?.description ?? '';
  return { html, headers, contract, chapter };
}

test('/ leads to the reference page, which is shown without a key', async () => {
  const { headers, status } = await gateway.send('/', { redirect: 'manual' });
  expect([status, headers.get('location')]).toEqual([302, '/docs']);
  const page = await gateway.send('/');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.body).toContain('<title>Ticket gateway: reference</title>');
});

test('the gateway serves everything that the page names, and the page names no other host', async () => {
  const { html } = await openPage();
  const named = [...html.matchAll(/(?:src|href)="([^"]*)"|\]\(([^)]*)\)/g)].map(
    ([, attribute, link]) => attribute ?? link ?? '',
  );
  const paths = named.filter((name) => name !== 'data:,');
  expect(paths).toEqual(expect.arrayContaining(['/docs/renderer.js', '/api/v1/openapi.json']));
  for (const path of paths) {
    expect(path).toMatch(/^\//);
    expect(await gateway.send(path)).toMatchObject({ status: 200 });
  }
});

test('the renderer holds no URL of another host that a browser would load from', async () => {
  const { body, headers, status } = await gateway.send('/docs/renderer.js');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  expect(String(body)).toContain('Redoc.init(');
  const loaded =
    /(?:src[:=]|url\(|@import|import\(|importScripts\(|fetch\()\s*["'`]?(?:https?:)?\/\/[^"'`)]*/g;
  expect(String(body).match(loaded)).toBeNull();
});

test('the page may run the gateway’s own script, set styles, and load and send nothing else', async () => {
  const { headers } = await openPage();
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
      "form-action 'none'; frame-ancestors 'none'",
  );
});

describe('the curl of each door creates a ticket when it is pasted', async () => {
  const { contract, chapter } = await openPage();
  const [, graphql = ''] = /```shell\n([^`]*)```/.exec(chapter) ?? [];
  const [rest] = contract.paths['/api/v1/tickets'].post['x-codeSamples'];

  async function paste(command: string) {
    const mine = command
      .replaceAll('https://gateway.example', server.url)
      .replace('YOUR_KEY', shop.key)
      .replace('"customerId": 123', `"customerId": ${shop.customerId}`)
      .replace('"assigned_to": 45', `"assigned_to": ${shop.agentId}`);
    return JSON.parse((await promisify(execFile)('bash', ['-c', mine])).stdout);
  }

  test('REST', async () => {
    expect(await paste(rest?.source ?? '')).toMatchObject({
      success: true,
      ticket: { customerID: shop.customerId, Channel: 'Mail', assigned_to: shop.agentId },
    });
  });

  test('GraphQL', async () => {
    expect(await paste(graphql)).toMatchObject({
      data: { createTicket: { ticket: { channel: 'Mail', customer: { email: `customer@${shop.domain}` } } } },
    });
  });

  test('and the document beside it fits the schema', async () => {
    const [, query = ''] = /```graphql\n(mutation[^`]*)```/.exec(chapter) ?? [];
    const variables = { input: { customerId: shop.customerId, channel: '' } };
    const answer = await gateway.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': shop.key },
      body: JSON.stringify({ query, variables }),
    });
    expect(answer.body).toMatchObject({
      data: { createTicket: { __typename: 'InvalidInputError', fields: [{ path: ['channel'] }] } },
    });
  });
});

test('the page holds the whole GraphQL schema, but not where introspection is off', async () => {
  const sdl = await readFile('schema.graphql', 'utf8');
  expect((await openPage()).chapter).toContain(sdl.trim());
  const closed = await startGateway({ introspection: false });
  const { chapter } = await openPage(closed);
  expect(chapter).toContain('CreateTicketResult');
  expect(chapter).not.toContain('type Ticket');
});

const paths = ['/', '/docs', '/docs/renderer.js', '/api/v1/openapi.json'];

describe.each(paths)('%s', (path) => {
  test('answers HEAD with the headers of GET, and refuses any other method', async () => {
    const [got, head] = await Promise.all(
      ['GET', 'HEAD'].map(async (method) => {
        const { headers, body, status } = await gateway.send(path, { method, redirect: 'manual' });
        // fetch closes the connection of a HEAD.
        const own = ['x-request-id', 'date', 'connection', 'keep-alive'];
        return { status, headers: [...headers].filter(([name]) => !own.includes(name)), body };
      }),
    );
    expect(head).toEqual({ ...got, body: '' });
    expect(head?.headers).toContainEqual(['x-content-type-options', 'nosniff']);
    const answer = await gateway.send(path, { method: 'POST', headers: { 'x-request-id': 'test' } });
    expect([answer.status, answer.headers.get('allow'), answer.body]).toEqual([
      405,
      'GET, HEAD',
      { error: 'Method not allowed; use GET, HEAD', code: 'METHOD_NOT_ALLOWED', requestId: 'test' },
    ]);
  });

  test('is named in the log', async () => {
    const requestId = `open ${path}`.replace(' ', ':');
    await gateway.send(path, { headers: { 'x-request-id': requestId }, redirect: 'manual' });
    const line = expect.objectContaining({ msg: 'request', requestId, path });
    await eventually(() => expect(gateway.log).toContainEqual(line));
  });
});

test('with DOCS off there is none of it', async () => {
  const closed = await startGateway({ docs: false });
  const answers = await Promise.all(paths.map((path) => closed.send(path)));
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});

test('the built program has the renderer beside it, with its licence', async () => {
  for (const file of ['redoc.standalone.js', 'redoc.standalone.js.LICENSE.txt']) {
    const [built, packaged] = await Promise.all(
      ['dist/reference', 'node_modules/redoc/bundles'].map((folder) => readFile(`${folder}/${file}`)),
    );
    expect(built?.equals(packaged ?? Buffer.alloc(0))).toBe(true);
  }
});
