import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pollUntil } from '../faults/poll.ts';
import { findFreePort, type Workbench } from '../faults/workbench.ts';
import { type Door, doors } from './doors.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A server that creates tickets, and the door of it that is measured. */
export interface Peer {
  readonly name: string;
  readonly door: Door;
  /** What Node.js is started with, in the project's folder. */
  readonly words: readonly string[];
}

// Compiled, as the gateway is.
const peerScript = (name: string) => [`test/bench/dist/test/bench/peers/${name}.js`];

/** The gateway, to be measured through its REST door. */
export const gateway: Peer = { name: 'Gateway, REST', door: doors.rest, words: ['dist/main.js', 'serve'] };

/** All peers. The others are compared with the first, which one would write instead of adopting the gateway. */
export const peers: readonly Peer[] = [
  { name: 'Fastify + pg', door: doors.rest, words: peerScript('fastify') },
  gateway,
  { ...gateway, name: 'Gateway, GraphQL', door: doors.graphql },
  { name: 'Mercurius + pg', door: doors.graphql, words: peerScript('mercurius') },
  { name: 'Yoga + Pothos + Prisma', door: doors.graphql, words: peerScript('idiomatic') },
];

/** A peer that runs. */
export interface RunningPeer extends Peer {
  readonly port: number;
  readonly processId: number;
  /** Ends it, with force if need be. */
  end(): Promise<void>;
}

const settings = {
  NODE_ENV: 'production',
  // One key brings the whole load, however many connections it has; both limits still count.
  RATE_LIMIT: '1000000',
  QUEUE_LIMIT: '100000',
};

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([ended, sleep(5_000, undefined, { ref: false })]);
  child.kill('SIGKILL');
}

/** Starts a peer on a database. What it logs goes to a file, as in production. */
export async function startPeer(
  bench: Workbench,
  peer: Peer,
  database: Readonly<Record<string, string>>,
): Promise<RunningPeer> {
  bench.requireOpen();
  const port = await findFreePort();
  const log = openSync(join(await bench.makeFolder(), 'log'), 'a');
  const child = spawn(process.execPath, peer.words, {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: `${port}`, ...settings, ...database },
    stdio: ['ignore', log, 'inherit'],
  });
  bench.put(() => end(child));
  const { pid: processId } = child;
  if (processId === undefined) throw new Error(`${peer.name} could not be started`);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${peer.name} ended with ${code}`);
  });
  const listens = pollUntil(`${peer.name} listens`, 30_000, async () => {
    await fetch(`http://127.0.0.1:${port}/health`);
    return true;
  });
  await Promise.race([listens, ended]);
  return { ...peer, port, processId, end: () => end(child) };
}
