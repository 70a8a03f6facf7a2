import { once } from 'node:events';
import { afterAll, expect, test, vi } from 'vitest';
import { listen } from '../src/server.ts';
import { makeShop, startGateway } from './helpers/gateway.ts';
import { openSocket } from './helpers/sockets.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));

const FAILING = 500;

function requestOf(path: string, body: string): string {
  const { length } = body;
  const head = [`POST ${path} HTTP/1.1`, 'Host: gateway.test', 'Content-Type: application/json'];
  return [...head, `X-Api-Key: ${shop.key}`, `Content-Length: ${length}`, '', body].join('\r\n');
}

const countAnswers = (text: string) => text.split('HTTP/1.1 400 Bad Request').length - 1;

test.each([
  ['/api/v1/tickets', '{}'],
  ['/graphql', '{"query":"{"}'],
])('who comes after hundreds of requests to %s that fail need not wait for them', async (path, body) => {
  const [failing, other] = [await openSocket(server.url), await openSocket(server.url)];
  const askForHealth = async () => {
    other.write('GET /health HTTP/1.1\r\nHost: gateway.test\r\n\r\n');
    await once(other, 'data');
  };
  await askForHealth();
  let text = '';
  failing.on('data', (chunk) => {
    text += chunk;
  });
  failing.write(requestOf(path, body).repeat(FAILING));
  await once(failing, 'data');
  await askForHealth();
  const before = countAnswers(text);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(FAILING);
  await vi.waitFor(() => expect(countAnswers(text)).toBe(FAILING), { timeout: 10_000 });
  for (const socket of [failing, other]) socket.destroy();
});
