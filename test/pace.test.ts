import { afterAll, expect, test } from 'vitest';
import { listen } from '../src/server.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, startGateway } from './helpers/gateway.ts';
import { askForHealth, openAccepted, openSocket, postText } from './helpers/sockets.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));

const REQUESTS = 300;

test.each([
  ['to /api/v1/tickets that fail', '/api/v1/tickets', () => '{}', 400],
  ['to /graphql that fail', '/graphql', () => '{"query":"{"}', 400],
  [
    'with documents that are new',
    '/graphql',
    (index: number) => `{"query":"{ a${index}: __typename }"}`,
    200,
  ],
] as const)(
  'who comes after hundreds of requests %s need not wait for them',
  async (_, path, bodyOf, status) => {
    const other = await openSocket(server.url);
    const sockets = await openAccepted(server.url, REQUESTS);
    const answers: string[] = [];
    for (const [index, socket] of sockets.entries()) {
      socket.on('data', (chunk: string) => answers.push(chunk.slice(0, 12)));
      socket.write(postText(path, bodyOf(index), [`X-Api-Key: ${shop.key}`]));
    }
    await eventually(() => expect(answers).not.toEqual([]), { interval: 1 });
    await askForHealth(other);
    expect(answers.length).toBeLessThan(REQUESTS);
    await eventually(() => expect(answers).toEqual(Array(REQUESTS).fill(`HTTP/1.1 ${status}`)));
    for (const socket of [other, ...sockets]) socket.destroy();
  },
);
