import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { findFreePort } from '../faults/workbench.ts';

/** A Redis of the test's own, to be ended, frozen and started again on its port. */
export interface OwnRedis {
  readonly url: string;
  /** Starts it, and waits until it answers. */
  start(): Promise<void>;
  /** Kills it, or with SIGSTOP and SIGCONT freezes and thaws it. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
}

async function answers(url: string): Promise<void> {
  const redis = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => {});
  await redis.ping();
  redis.disconnect();
}

/** Prepares a Redis with these settings, such as `--requirepass`; `password` is to be in its URL. */
export async function prepareRedis(password = ''): Promise<OwnRedis> {
  const port = await findFreePort();
  const url = `redis://${password && `:${password}@`}127.0.0.1:${port}`;
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  if (password) settings.push('--requirepass', password);
  let server: ReturnType<typeof spawn> | undefined;
  return {
    url,
    async start() {
      server = spawn('redis-server', settings, { stdio: 'ignore' });
      await answers(url);
    },
    async signal(signal) {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
      const ended = once(server, 'exit');
      server.kill(signal);
      if (signal === 'SIGKILL') await ended;
    },
  };
}
