import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, expect, test, vi } from 'vitest';
import { listen } from '../src/server.ts';
import { makeShop, startGateway } from './helpers/gateway.ts';
import { askForHealth, openSocket, postText, readAll } from './helpers/sockets.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const warn = vi.fn();
// What the system allows this process, for as long as the server asks for it.
const { readFileSync } = fs;
const read = vi
  .spyOn(fs, 'readFileSync')
  .mockImplementation(((path: string, encoding: BufferEncoding) =>
    path === '/proc/self/limits'
      ? 'Limit                     Soft Limit           Hard Limit           Units\n' +
        'Max open files            20                   20                   files\n'
      : readFileSync(path, encoding)) as never);
syncBuiltinESMExports();
const server = await listen(gateway.gateway, 0, '127.0.0.1', {}, { warn } as never);
read.mockRestore();
syncBuiltinESMExports();
afterAll(() => server.drain(1000));

test('half of the few files that the system allows are kept from connections, and who has one is served', async () => {
  const sockets = [];
  for (let open = 0; open < 10; open += 1) {
    const socket = await openSocket(server.url);
    await askForHealth(socket);
    sockets.push(socket);
  }
  for (let more = 0; more < 3; more += 1) expect(await readAll(await openSocket(server.url))).toBe('');
  expect(warn.mock.calls).toEqual([
    [{ most: 10 }, 'connections are dropped: so many are open, and the system allows few more files'],
  ]);
  const [first] = sockets;
  const body = JSON.stringify({ customerId: shop.customerId, Channel: 'Mail' });
  first?.write(postText('/api/v1/tickets', body, [`X-Api-Key: ${shop.key}`, 'Connection: close']));
  expect(first && (await readAll(first))).toMatch(/^HTTP\/1.1 201/);
  await askForHealth(await openSocket(server.url));
  for (const socket of sockets) socket.destroy();
});
