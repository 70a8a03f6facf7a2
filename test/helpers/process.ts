import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import { recordLog } from './log-record.ts';
import {
  type Environment,
  type FinishedProcess,
  type StartedProcess,
  startProcess,
} from './start-process.ts';
import { runOnServer, urlOfDatabase } from './template.ts';

/** The command line on an empty database of its own. */
export interface CommandLine {
  /** The settings that every process gets. */
  readonly environment: Environment;
  /** Starts the built program, unless another is given. */
  start(words: readonly string[], environment?: Environment, program?: readonly string[]): StartedProcess;
  run(words: readonly string[], environment?: Environment): Promise<FinishedProcess>;
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
  // A deadline that no request meets, however busy the machine: the first one of a process takes a while.
  const environment = { PORT: '0', REQUEST_DEADLINE: '60', ...settings };
  const started: StartedProcess[] = [];
  const start = (words: readonly string[], more: Environment = {}, program?: readonly string[]) => {
    const child = startProcess(words, { ...environment, ...more }, program);
    // The log goes to one or the other; standard output may else hold a new key, which is meant to be read.
    void child.finished.then(({ stdout, stderr }) => {
      recordLog(stderr);
      if (more.LOG_FORMAT === 'json') recordLog(stdout);
    });
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
