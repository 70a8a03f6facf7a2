import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, inject } from 'vitest';
import { recordLog } from './log-record.ts';
import { runOnServer, urlOfDatabase } from './template.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The environment variables that a process is given; it inherits none. */
export type Environment = Readonly<Record<string, string>>;

/** How a process ended, and all that it wrote. */
export interface FinishedProcess {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the command line that may still run. */
export interface StartedProcess {
  readonly id: number;
  readonly finished: Promise<FinishedProcess>;
  /** Waits until what it has written to standard output matches; fails when it ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<FinishedProcess>;
}

/** The command line on an empty database of its own. */
export interface CommandLine {
  /** The settings that every process gets. */
  readonly environment: Environment;
  start(words: readonly string[], environment?: Environment): StartedProcess;
  run(words: readonly string[], environment?: Environment): Promise<FinishedProcess>;
}

function startProcess(words: readonly string[], environment: Environment): StartedProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...words], {
    cwd: root,
    // Warnings of Node.js about tsx differ from version to version and are not the command line's words.
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error('The process could not be started');
  let [stdout, stderr, running] = ['', '', true];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<FinishedProcess>((resolve) => {
    child.once('close', (exitCode) => {
      running = false;
      // The log goes to one or the other; standard output may else hold a new key, which is meant to be read.
      recordLog(stderr);
      if (environment.LOG_FORMAT === 'json') recordLog(stdout);
      resolve({ exitCode, stdout, stderr });
    });
  });
  return {
    id: child.pid,
    finished,
    async waitFor(pattern) {
      for (;;) {
        const match = pattern.exec(stdout);
        if (match) return match;
        if (!running) throw new Error(`The process ended without writing ${pattern}:\n${stdout}${stderr}`);
        await Promise.race([once(child.stdout, 'data'), finished]);
      }
    },
    end(signal) {
      child.kill(signal);
      return finished;
    },
  };
}

interface OwnDatabase {
  readonly settings: Environment;
  remove(): Promise<void>;
}

async function makeDirectory(): Promise<OwnDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'ticket-gateway-'));
  return { settings: { DATA_DIR: directory }, remove: () => rm(directory, { recursive: true }) };
}

async function makeDatabase(serverUrl: string): Promise<OwnDatabase> {
  const name = `ticket_gateway_test_${randomUUID().replaceAll('-', '')}`;
  await runOnServer(serverUrl, `CREATE DATABASE ${name}`);
  return {
    settings: { DATABASE_URL: urlOfDatabase(serverUrl, name) },
    remove: () => runOnServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

function commandLineOn({ settings, remove }: OwnDatabase): CommandLine {
  const environment = { PORT: '0', ...settings };
  const started: StartedProcess[] = [];
  const start = (words: readonly string[], more: Environment = {}) => {
    const child = startProcess(words, { ...environment, ...more });
    started.push(child);
    return child;
  };
  afterAll(async () => {
    await Promise.all(started.map((child) => child.end('SIGKILL')));
    await remove();
  });
  return { environment, start, run: (words, more) => start(words, more).finished };
}

/** Prepares the command line on the engine of this run. After the file's last test all of it is ended and removed. */
export async function prepareCommandLine(): Promise<CommandLine> {
  const template = inject('template');
  return template.engine === 'PGlite'
    ? prepareEmbeddedCommandLine()
    : commandLineOn(await makeDatabase(template.serverUrl));
}

/** The same, on PGlite whatever the engine of this run. */
export async function prepareEmbeddedCommandLine(): Promise<CommandLine> {
  return commandLineOn(await makeDirectory());
}
