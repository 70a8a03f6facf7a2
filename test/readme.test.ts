import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { errorCodes } from '../src/errors.ts';
import { listen } from '../src/server.ts';
import { seedDemoShop } from '../src/shops/demo-shop.ts';
import { postGraphQL, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const demo = await seedDemoShop(gateway.database.prisma);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));
const readme = await readFile('README.md', 'utf8');

const curls = [...readme.matchAll(/```sh\n(curl [^`]*)```/g)].map(([, command = '']) => command);

test('the README has a curl for each door, and each creates a ticket when it is pasted', async () => {
  expect(demo.customerId).toBe(1);
  expect(curls).toHaveLength(2);
  const answers = await Promise.all(
    curls.map(async (curl) => {
      const command = curl.replace('http://127.0.0.1:4000', server.url);
      return JSON.parse((await promisify(execFile)('bash', ['-c', command])).stdout);
    }),
  );
  const id = expect.stringMatching(/^\d+$/);
  expect(answers).toEqual([
    { success: true, ticket: expect.objectContaining({ id, Channel: 'Mail', tags: ['refund', 'vip'] }) },
    {
      data: {
        createTicket: {
          ticket: {
            id,
            channel: 'Mail',
            customer: { email: 'ada@customer.example' },
            humanTicket: { status: 'OPEN' },
          },
        },
      },
    },
  ]);
});

test('the README’s GraphQL document runs as it stands', async () => {
  const documents = [...readme.matchAll(/```graphql\n([^`]*)```/g)].map(([, document = '']) => document);
  expect(documents).toHaveLength(1);
  for (const document of documents) {
    const input = { customerId: demo.customerId, channel: 'Mail' };
    const answer = await postGraphQL(gateway, demo.key, document, { input });
    expect(answer).toMatchObject({
      status: 200,
      body: { data: { createTicket: { ticket: { channel: 'Mail' } } } },
    });
  }
});

test('the README’s table of errors is the table of src/errors.ts', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)`(?: \*)? \| (\d{3}) \|/gm)];
  expect(Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]))).toEqual(
    Object.fromEntries(Object.entries(errorCodes).map(([code, { status }]) => [code, status])),
  );
});

test('the README’s table of settings has every variable of src/config-variables.ts', async () => {
  const source = await readFile('src/config-variables.ts', 'utf8');
  const read = [...source.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
  const settings = readme.slice(readme.indexOf('## Settings'), readme.indexOf('## Shops'));
  expect([...settings.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name).sort()).toEqual(read.sort());
});
