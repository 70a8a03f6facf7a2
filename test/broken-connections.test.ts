import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openPostgres } from '../src/db/postgres.ts';
import { PostgresCluster } from './faults/postgres-cluster.ts';
import { Workbench } from './faults/workbench.ts';

const DEADLINE_MS = 1_000;
const CONNECTIONS = 4;

// PGlite has no connections.
const bench = new Workbench();
let serverUrl: string;
beforeAll(async () => {
  serverUrl = (await PostgresCluster.make(bench)).url;
});
afterAll(() => bench.clear());

/** Stands between a gateway and its database, and can break what goes through it. */
async function openProxy() {
  const { hostname, port } = new URL(serverUrl);
  const silent: Socket[] = [];
  const pairs: { readonly client: Socket; readonly server: Socket }[] = [];
  const proxy = createServer((client) => {
    if (!control.accept) return void silent.push(client);
    const server = connect(Number(port), hostname);
    pairs.push({ client, server });
    client.on('error', () => {}).on('close', () => server.destroy());
    server.on('error', () => {}).on('close', () => client.destroy());
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const client of [...silent, ...pairs.map((pair) => pair.client)]) client.destroy();
    proxy.close();
  });
  const url = new URL(serverUrl);
  url.port = String((proxy.address() as AddressInfo).port);
  const control = {
    url: url.href,
    /** Whether those who connect are led to the database, or hear nothing. */
    accept: true,
    /** Lets nothing more through the connections that there are. */
    silence() {
      for (const { client, server } of pairs) {
        client.unpipe(server);
        server.unpipe(client);
      }
    },
    /** Brings to the gateway, over each connection, what the database has not sent. */
    bring(bytes: Buffer) {
      for (const { client } of pairs) client.write(bytes);
    },
  };
  return control;
}

async function openThrough(url: string) {
  const database = await openPostgres(url, CONNECTIONS, DEADLINE_MS);
  onTestFinished(() => database.close());
  const ask = (text: string) => database.sql.query<{ answer: number }>({ name: '', text }, []);
  // All of them at once, so that each has a connection of its own.
  await Promise.all(Array.from({ length: CONNECTIONS }, () => ask('SELECT pg_sleep(0.1)')));
  return { ask, poolState: database.poolState };
}

test('of connections that fall silent one costs a time-out, and the next statement is answered', async () => {
  const proxy = await openProxy();
  const { ask, poolState } = await openThrough(proxy.url);
  expect(poolState?.()).toEqual({ total: CONNECTIONS, idle: CONNECTIONS, waiting: 0 });
  proxy.silence();
  await expect(ask('SELECT 1 AS answer')).rejects.toThrow('Query read timeout');
  expect(await ask('SELECT 2 AS answer')).toEqual([{ answer: 2 }]);
});

test('a server that wants to know who connects in a way that nobody knows is one that cannot be used', async () => {
  const server = createServer((client) => {
    client
      .on('error', () => {})
      .once('data', () => client.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 99])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `postgresql://gateway@127.0.0.1:${(server.address() as AddressInfo).port}/helpdesk`;
  await expect(openPostgres(url, CONNECTIONS, DEADLINE_MS)).rejects.toThrow(
    'The database at DATABASE_URL cannot be used: Connection terminated, for what it brings cannot be read: ' +
      'Unknown authenticationOk message type 99',
  );
});

test('a session of its own is given up, too, where nobody answers', async () => {
  const proxy = await openProxy();
  const database = await openPostgres(proxy.url, CONNECTIONS, DEADLINE_MS);
  onTestFinished(() => database.close());
  proxy.accept = false;
  const work = vi.fn();
  await expect(database.withSession(work)).rejects.toThrow('timeout expired');
  expect(work).not.toHaveBeenCalled();
});

test('what is none of PostgreSQL’s protocol ends its connection, and not the process', async () => {
  const proxy = await openProxy();
  const { ask } = await openThrough(proxy.url);
  const asked = ask('SELECT pg_sleep(0.2)');
  // A row of one field, which is not there.
  proxy.bring(Buffer.from([0x44, 0, 0, 0, 6, 0, 1]));
  await expect(asked).rejects.toThrow('Connection terminated, for what it brings cannot be read');
  expect(await ask('SELECT 2 AS answer')).toEqual([{ answer: 2 }]);
});
