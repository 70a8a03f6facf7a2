import { readFile } from 'node:fs/promises';
import createClient from 'openapi-fetch';
import { afterAll, expect, test } from 'vitest';
import { listen } from '../src/server.ts';
import { generateTypes, TYPES_PATH } from './clients/generate-rest-v1.ts';
import type { components, paths } from './clients/rest-v1.ts';
import { makeShop, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));
const client = createClient<paths>({ baseUrl: server.url, headers: { 'x-api-key': shop.key } });

test('the generated types are those of the OpenAPI document; `npm run contract` rewrites them', async () => {
  expect(await readFile(TYPES_PATH, 'utf8')).toBe(await generateTypes());
});

test('a client with generated types creates a ticket, and repeats it', async () => {
  const create = () =>
    client.POST('/api/v1/tickets', {
      params: { header: { 'Idempotency-Key': 'order-1204' } },
      body: { customerId: shop.customerId, Channel: 'Mail', isOpenedTicket: true, tags: ['refund'] },
    });
  const { data, response } = await create();
  expect(response.status).toBe(201);
  const ticket: components['schemas']['Ticket'] | undefined = data?.ticket;
  expect(ticket).toMatchObject({ customerID: shop.customerId, Channel: 'Mail', tags: ['refund'] });
  const repeated = await create();
  expect(repeated.response.headers.get('idempotent-replayed')).toBe('true');
  expect(repeated.data).toEqual(data);
});

test('what does not fit the types is refused by the compiler and by the gateway', async () => {
  const { error, response } = await client.POST('/api/v1/tickets', {
    // @ts-expect-error: Channel is required.
    body: { customerId: shop.customerId },
  });
  expect(response.status).toBe(400);
  expect(error?.details?.map(({ field, code }) => [field, code])).toEqual([['Channel', 'REQUIRED']]);
});
