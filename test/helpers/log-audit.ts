import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { DEMO_KEY } from '../../src/shops/demo-shop.ts';
import { DATABASE_PASSWORD, MESSAGE } from './planted-secrets.ts';

/** The folders into which the tests of a run write their logs, and the secrets that must not be in them. */
export interface Audit {
  readonly logs: string;
  readonly secrets: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    audit: Audit;
  }
}

const LEAKS_SHOWN = 5;

async function readLines(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
}

/** The lines of the logs that hold a secret which was planted. */
export async function findLeaks({ logs, secrets }: Audit): Promise<string[]> {
  const planted = new Set([MESSAGE, DATABASE_PASSWORD, DEMO_KEY, ...(await readLines(secrets))]);
  const lines = await readLines(logs);
  return lines.filter((line) => [...planted].some((secret) => line.includes(secret)));
}

/** Makes empty folders for an audit, inside one of their own. */
export async function prepareAudit(): Promise<Audit & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'ticket-gateway-'));
  const [logs, secrets] = [join(folder, 'logs'), join(folder, 'secrets')];
  await mkdir(logs);
  await mkdir(secrets);
  return { folder, logs, secrets };
}

/** Runs once before all tests, and after the last searches every log of the run for the planted secrets. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { folder, ...audit } = await prepareAudit();
  project.provide('audit', audit);
  return async () => {
    const leaks = await findLeaks(audit);
    await rm(folder, { recursive: true });
    if (leaks.length === 0) return;
    // Vitest shows what a teardown throws, and takes the run for a success all the same.
    process.exitCode = 1;
    const shown = leaks.slice(0, LEAKS_SHOWN).join('\n');
    throw new Error(`${leaks.length} lines in the logs of this run hold a secret, such as:\n${shown}`);
  };
}
