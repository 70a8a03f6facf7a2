import { parseArgs } from 'node:util';
import { drainOnEmbedded, drainOnPostgres } from './drain.ts';
import { type Engine, makeEmbedded, makePostgres } from './engines.ts';
import type { Experiment, Surroundings } from './experiment.ts';
import { freeze } from './freeze.ts';
import { fullDiskOnEmbedded, fullDiskOnPostgres } from './full-disk.ts';
import { fullQueue } from './full-queue.ts';
import { impatience } from './impatience.ts';
import type { Finding } from './judge.ts';
import { killOnEmbedded, killOnPostgres } from './kill.ts';
import { logSearch } from './log-search.ts';
import { neighbour } from './neighbour.ts';
import { oneKey } from './one-key.ts';
import { oneOwner } from './one-owner.ts';
import { outage } from './outage.ts';
import { overload } from './overload.ts';
import { describe, passed, summarize, summarizeLogs } from './report.ts';
import { slowDatabase } from './slow-database.ts';
import { Workbench } from './workbench.ts';

const experiments: readonly (readonly [name: string, Engine['name'], Experiment])[] = [
  ['kill', 'PostgreSQL', killOnPostgres],
  ['kill', 'PGlite', killOnEmbedded],
  ['outage', 'PostgreSQL', outage],
  ['fullDisk', 'PostgreSQL', fullDiskOnPostgres],
  ['fullDisk', 'PGlite', fullDiskOnEmbedded],
  ['freeze', 'PGlite', freeze],
  ['drain', 'PostgreSQL', drainOnPostgres],
  ['drain', 'PGlite', drainOnEmbedded],
  ['oneKey', 'PostgreSQL', oneKey],
  ['oneOwner', 'PGlite', oneOwner],
  ['overload', 'PostgreSQL', overload],
  ['fullQueue', 'PostgreSQL', fullQueue],
  ['slowDatabase', 'PostgreSQL', slowDatabase],
  ['impatience', 'PostgreSQL', impatience],
  ['neighbour', 'PostgreSQL', neighbour],
];
const LONGEST_MS = { short: 5 * 60_000, full: 30 * 60_000 };

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    // Those on different databases have nothing in common, and may go on in two processes at once.
    on: { type: 'string' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const bench = new Workbench();

async function giveUp(reason: string): Promise<never> {
  say(`${reason}: removing what was started`);
  await bench.clear();
  process.exit(1);
}

async function performAll(): Promise<Finding[]> {
  const postgres = await makePostgres(bench);
  const surroundings: Surroundings = {
    bench,
    postgres,
    embedded: await makeEmbedded(bench),
    full: options.full,
    say: (line) => say(`  ${line}`),
  };
  const findings: Finding[] = [];
  for (const [name, engine, perform] of experiments) {
    if (options.only && !options.only.includes(name)) continue;
    if (options.on && options.on !== engine) continue;
    say(`${name}`);
    const found = await perform(surroundings);
    for (const line of found.flatMap(describe)) say(line);
    findings.push(...found);
  }
  return findings;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp(signal));
const limit = setTimeout(() => void giveUp('Out of time'), LONGEST_MS[options.full ? 'full' : 'short']);

try {
  const findings = await performAll();
  for (const line of ['', ...summarize(findings), '', ...summarizeLogs(logSearch)]) say(line);
  if (!findings.every(passed) || logSearch.leaks.length > 0) process.exitCode = 1;
} finally {
  clearTimeout(limit);
  await bench.clear();
}
