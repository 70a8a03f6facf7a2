import { setTimeout as sleep } from 'node:timers/promises';
import type { Workbench } from '../faults/workbench.ts';
import { type Say, targetOf } from './comparison.ts';
import { loadPeer } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { peers, startPeer } from './peers.ts';
import { makePostgres } from './postgres.ts';
import { memoryMegabytes } from './process-usage.ts';

/** Loads the first of the gateway's doors that was chosen for so many minutes, and tells how its memory went. */
export async function soak(
  bench: Workbench,
  options: BenchOptions,
  minutes: number,
  say: Say,
): Promise<string[]> {
  const chosen = peers.find(({ name }) => name.startsWith('Gateway') && options.only.test(name));
  if (chosen === undefined) throw new Error('--only matches no door of the gateway');
  const cluster = await makePostgres(bench, options);
  const peer = await startPeer(bench, chosen, { DATABASE_URL: cluster.url });
  const loading = loadPeer(peer, targetOf(peer), { ...options, seconds: minutes * 60 });
  const readings: number[] = [];
  for (let minute = 1; minute < minutes; minute += 1) {
    await Promise.race([sleep(60_000), loading]);
    readings.push(memoryMegabytes(peer.processId));
    say(`${minute} min: ${readings.at(-1)?.toFixed(0)} MB`);
  }
  const { latencies, seconds } = await loading;
  const [first = Number.NaN, last] = [readings[0], memoryMegabytes(peer.processId)];
  const change = ((last / first - 1) * 100).toFixed(1);
  return [
    `${peer.name}: ${Math.round(latencies.length / seconds).toLocaleString('en')} tickets/s for ${minutes} minutes`,
    `memory: ${first.toFixed(0)} MB after one minute, ${last.toFixed(0)} MB at the end (${change} %)`,
  ];
}
