import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { DATABASE_PASSWORD } from '../helpers/planted-secrets.ts';
import { pollUntil } from './poll.ts';
import { asPostgres, findPrograms } from './postgres-programs.ts';
import { experimentSettings } from './postgres-settings.ts';
import { childrenOf } from './process-tree.ts';
import { findFreePort, type Workbench } from './workbench.ts';

const DATABASE = 'helpdesk';
const ROLE = 'gateway';

/** Folders for a server that is not to have everything in a temporary one. */
export interface ClusterFolders {
  readonly data: string;
  /** Of the write-ahead log. */
  readonly log: string;
}

/** How a server differs from a small one in a temporary folder. */
export interface ClusterOptions {
  readonly folders?: ClusterFolders | undefined;
  /** Lines of its configuration file; by default such that the experiments soon exhaust it. */
  readonly settings?: readonly string[];
}

/** A PostgreSQL server in a temporary folder, which the experiments may do anything to. */
export class PostgresCluster {
  readonly #programs = findPrograms();
  readonly #bench: Workbench;
  readonly #folder: string;
  readonly #data: string;
  readonly #port: number;
  #server: ChildProcess | undefined;

  private constructor(bench: Workbench, folder: string, data: string, port: number) {
    this.#bench = bench;
    this.#folder = folder;
    this.#data = data;
    this.#port = port;
  }

  /** Makes the server, and starts it with an empty database in it. */
  static async make(
    bench: Workbench,
    { folders, settings = experimentSettings }: ClusterOptions = {},
  ): Promise<PostgresCluster> {
    const folder = await bench.makeFolder();
    const parents = [folder, ...(folders ? [folders.data, folders.log] : [])];
    for (const parent of parents) {
      chmodSync(parent, 0o755);
      if (process.getuid?.() === 0) execFileSync('chown', ['postgres', parent]);
    }
    const data = join(folders?.data ?? folder, 'data');
    const cluster = new PostgresCluster(bench, folder, data, await findFreePort());
    const words = [
      '-D',
      data,
      ...(folders ? ['--waldir', join(folders.log, 'log'), '--wal-segsize=1'] : []),
      '-U',
      'postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '-N',
    ];
    const [program, more] = asPostgres(join(cluster.#programs, 'initdb'), words);
    execFileSync(program, more, { cwd: '/', stdio: 'pipe' });
    await appendFile(join(data, 'postgresql.conf'), `${settings.join('\n')}\n`);
    bench.put(() => cluster.kill());
    await cluster.start();
    await cluster.query(`CREATE ROLE ${ROLE} LOGIN`, [], 'postgres');
    await cluster.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`, [], 'postgres');
    return cluster;
  }

  /** The number of the server's first process, the parent of all others. */
  get processId(): number {
    if (this.#server?.pid === undefined) throw new Error('The server does not run');
    return this.#server.pid;
  }

  /** Where gateways connect to. The server asks for no password, and is told one all the same. */
  get url(): string {
    return `postgresql://${ROLE}:${DATABASE_PASSWORD}@127.0.0.1:${this.#port}/${DATABASE}`;
  }

  /** Runs one statement as superuser, on a connection of its own. */
  async query<Row>(text: string, values: readonly unknown[] = [], database = DATABASE): Promise<Row[]> {
    const client = await this.connect(database);
    try {
      return (await client.query(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** Opens a connection as superuser. Its end is not an error. */
  async connect(database = DATABASE): Promise<pg.Client> {
    const connection = { host: this.#folder, port: this.#port, user: 'postgres', database };
    const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** Starts the server and waits until it takes connections. */
  async start(): Promise<void> {
    await pollUntil('PostgreSQL takes connections', 30_000, async () => {
      if (!this.runs()) this.#server = this.#launch();
      await this.query('SELECT 1', [], 'postgres');
      return true;
    });
  }

  /** Whether the server's process is there. */
  runs(): boolean {
    return this.#server?.exitCode === null && this.#server.signalCode === null;
  }

  #launch(): ChildProcess {
    this.#bench.requireOpen();
    const words = ['-D', this.#data, '-k', this.#folder, '-p', `${this.#port}`, '-h', '127.0.0.1'];
    const [program, more] = asPostgres(join(this.#programs, 'postgres'), words);
    return spawn(program, more, { cwd: '/', stdio: 'ignore' });
  }

  /** Ends the server: SIGINT is its fast stop, SIGQUIT its immediate one. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const server = this.#server;
    if (server === undefined || !this.runs()) return;
    server.kill(signal);
    await once(server, 'exit');
  }

  /** Kills the server and all its processes with SIGKILL. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === undefined || !this.runs()) return;
    const ended = once(server, 'exit');
    this.signalAll('SIGKILL');
    await ended;
  }

  /** Sends every process of the server a signal. */
  signalAll(signal: NodeJS.Signals): void {
    const server = this.#server?.pid;
    if (server === undefined) return;
    for (const id of [server, ...childrenOf(server)]) {
      try {
        process.kill(id, signal);
      } catch {
        // It ended meanwhile.
      }
    }
  }
}
