import { afterAll, expect, test, vi } from 'vitest';
import { listen } from '../src/server.ts';
import { makeShop, startGateway } from './helpers/gateway.ts';
import { askForHealth, openAccepted, openSocket } from './helpers/sockets.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));

const FAILING = 300;

function requestOf(path: string, body: string): string {
  const { length } = body;
  const head = [`POST ${path} HTTP/1.1`, 'Host: gateway.test', 'Content-Type: application/json'];
  return [...head, `X-Api-Key: ${shop.key}`, `Content-Length: ${length}`, '', body].join('\r\n');
}

test.each([
  ['/api/v1/tickets', '{}'],
  ['/graphql', '{"query":"{"}'],
])('who comes after hundreds of requests to %s that fail need not wait for them', async (path, body) => {
  const other = await openSocket(server.url);
  const failing = await openAccepted(server.url, FAILING);
  const answers: string[] = [];
  for (const socket of failing) {
    socket.on('data', (chunk: string) => answers.push(chunk.slice(0, 12)));
    socket.write(requestOf(path, body));
  }
  await vi.waitFor(() => expect(answers).not.toEqual([]), { interval: 1 });
  await askForHealth(other);
  expect(answers.length).toBeLessThan(FAILING);
  await vi.waitFor(() => expect(answers).toEqual(Array(FAILING).fill('HTTP/1.1 400')));
  for (const socket of [other, ...failing]) socket.destroy();
});
