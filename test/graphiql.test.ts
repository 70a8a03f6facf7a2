import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, inject, test, vi } from 'vitest';
import { renderGraphiQLPage } from '../src/graphql/graphiql-page.ts';
import { listen } from '../src/server.ts';
import { seedDemoShop } from '../src/shops/demo-shop.ts';
import { createTestGateway, postGraphQL, startGateway } from './helpers/gateway.ts';
import { prepareCommandLine } from './helpers/process.ts';

vi.mock(import('../src/graphql/graphiql-page.ts'), async (original) => {
  const { renderGraphiQLPage: render } = await original();
  return { renderGraphiQLPage: vi.fn(render) };
});

const browser = { accept: 'text/html,application/xhtml+xml', 'x-request-id': 'test' };
const gateway = await startGateway();
const demo = await seedDemoShop(gateway.database.prisma);
const onDemo = await createTestGateway(gateway.database, { demo });
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));
const commandLine = await prepareCommandLine();

// What the page's script hands to GraphiQL.
const examplesIn = (page: unknown) =>
  JSON.parse(/^ *const examples = (\[.*\]);$/m.exec(String(page))?.[1] ?? 'null');

const mentionsKey = (page: unknown): boolean => String(page).includes('tgw_');

test('GraphiQL that could not be rendered is a masked 500 in the log, and shown the next time', async () => {
  vi.mocked(renderGraphiQLPage).mockImplementationOnce(() => {
    throw new Error('The page cannot be rendered');
  });
  const open = () => gateway.send('/graphql', { headers: browser });
  const failed = await open();
  expect([failed.status, failed.body]).toEqual([
    500,
    {
      errors: [
        { message: 'Unexpected error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'test' } },
      ],
    },
  ]);
  expect(gateway.log).toMatchObject([
    { msg: 'unexpected error', requestId: 'test', err: { message: 'The page cannot be rendered' } },
    { msg: 'request', requestId: 'test', status: 500 },
  ]);
  expect(await open()).toMatchObject({ status: 200, body: expect.stringContaining('GraphiQL') });
});

test('the examples create a ticket of the demo shop and read it back, with its key', async () => {
  const [create, read] = examplesIn((await onDemo.send('/graphql', { headers: browser })).body);
  expect([create.headers, read.headers].map((text) => JSON.parse(text))).toEqual([
    { 'x-api-key': demo.key },
    { 'x-api-key': demo.key },
  ]);

  const created = await postGraphQL(onDemo, demo.key, create.query, JSON.parse(create.variables));
  const id = expect.stringMatching(/^\d+$/);
  const people = { customer: { email: 'ada@customer.example' }, assignee: { email: 'grace@demo.example' } };
  expect(created.body).toEqual({
    data: {
      createTicket: {
        ticket: {
          id,
          channel: 'Mail',
          name: 'Refund request',
          ...people,
          humanTicket: { status: 'OPEN', openedAt: expect.any(String) },
        },
      },
    },
  });
  const { ticket } = (created.body as { data: { createTicket: { ticket: { id: string } } } }).data
    .createTicket;
  const answer = await postGraphQL(onDemo, demo.key, read.query, { id: ticket.id });
  expect(answer.body).toMatchObject({ data: { ticket: { id: ticket.id, tags: ['refund', 'vip'] } } });
});

test('a gateway that is not told of the demo shop shows where a key goes, and none', async () => {
  const { body } = await gateway.send('/graphql', { headers: browser });
  const [create, read] = examplesIn(body);
  expect([create.headers, read.headers]).toEqual([
    expect.stringContaining('"x-api-key": ""'),
    expect.stringContaining('"x-api-key": ""'),
  ]);
  expect(mentionsKey(body)).toBe(false);
});

test('the key of the demo shop is shown on an embedded database only', async () => {
  const { engine } = inject('template');
  // Which a start on an embedded database does by itself.
  if (engine === 'PostgreSQL') await commandLine.run(['seed']);
  const serving = commandLine.start(['serve', '--json']);
  const { graphql } = JSON.parse((await serving.waitFor(/^\{.*\}$/m))[0]);
  const page = await (await fetch(graphql, { headers: browser })).text();
  expect(page).toContain('GraphiQL');
  expect(mentionsKey(page)).toBe(engine === 'PGlite');
}, 60_000);

test('a browser gets the page compressed, and whoever takes no gzip gets it as it is', async () => {
  // Not with fetch, which asks for gzip by itself and takes it off.
  const open = async (encoding: string) => {
    const sent = request(`${server.url}/graphql`, { headers: { ...browser, 'accept-encoding': encoding } });
    const [answer] = (await once(sent.end(), 'response')) as [IncomingMessage];
    return { coding: answer.headers['content-encoding'], body: await buffer(answer) };
  };
  const [compressed, plain, refused] = [
    await open('gzip, deflate, br, zstd'),
    await open('identity'),
    await open('br, gzip;q=0'),
  ];
  expect([compressed.coding, plain.coding, refused.coding]).toEqual(['gzip', undefined, undefined]);
  expect(gunzipSync(compressed.body).equals(plain.body)).toBe(true);
  expect(refused.body.equals(plain.body)).toBe(true);
});
