import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pollUntil } from '../faults/poll.ts';
import type { PostgresCluster } from '../faults/postgres-cluster.ts';
import { asPostgres } from '../faults/postgres-programs.ts';
import { findFreePort, type Workbench } from '../faults/workbench.ts';
import { runOnServer } from './template.ts';

/** A PgBouncer in transaction mode before a server of the test's own; the program `pgbouncer` must be installed. */
export interface OwnPgBouncer {
  /** What DATABASE_URL is to be. */
  readonly url: string;
  /** Starts it, and waits until a statement gets through. */
  start(): Promise<void>;
  /** Kills it, with all connections through it. */
  kill(): Promise<void>;
}

/** Prepares one that never has more than so many connections to the server. */
export async function preparePgBouncer(
  bench: Workbench,
  cluster: PostgresCluster,
  poolSize: number,
): Promise<OwnPgBouncer> {
  const server = new URL(cluster.url);
  const url = new URL(cluster.url);
  url.port = String(await findFreePort());
  const folder = await bench.makeFolder();
  const settings = join(folder, 'pgbouncer.ini');
  const users = join(folder, 'users.txt');
  await chmod(folder, 0o755);
  await writeFile(users, `"${server.username}" ""\n`);
  await writeFile(
    settings,
    [
      '[databases]',
      `${server.pathname.slice(1)} = host=${server.hostname} port=${server.port}`,
      '[pgbouncer]',
      'pool_mode = transaction',
      `default_pool_size = ${poolSize}`,
      'server_login_retry = 1',
      'listen_addr = 127.0.0.1',
      `listen_port = ${url.port}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${users}`,
    ].join('\n'),
  );
  let bouncer: ChildProcess | undefined;
  const kill = async () => {
    if (bouncer === undefined || bouncer.exitCode !== null || bouncer.signalCode !== null) return;
    const ended = once(bouncer, 'exit');
    bouncer.kill('SIGKILL');
    await ended;
  };
  bench.put(kill);
  return {
    url: url.href,
    async start() {
      const [program, words] = asPostgres('pgbouncer', ['-q', settings]);
      bouncer = spawn(program, words, { cwd: '/', stdio: 'ignore' });
      bouncer.on('error', () => {});
      await pollUntil('PgBouncer answers; is it installed?', 10_000, async () => {
        await runOnServer(url.href, 'SELECT 1');
        return true;
      });
    },
    kill,
  };
}
