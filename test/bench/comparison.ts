import type { Workbench } from '../faults/workbench.ts';
import { checkPeer } from './check.ts';
import { requestsThrough } from './doors.ts';
import type { Target } from './load.ts';
import { loadPeer, type Measurement, measure } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { peers, type RunningPeer, startPeer } from './peers.ts';
import { makePostgres } from './postgres.ts';
import { machine, tableOf } from './report.ts';

/** Says something to the person at the terminal. */
export type Say = (line: string) => void;

/** What a load sends to a peer. */
export const targetOf = ({ port, door }: RunningPeer): Target => ({
  port,
  requests: requestsThrough(door),
  status: door.status,
  mark: door.mark,
});

/** Seconds at full load after which a server's code is compiled. */
export const WARM_UP_SECONDS = 4;

interface Entry {
  readonly peer: RunningPeer;
  readonly target: Target;
  readonly rounds: Measurement[];
}

/**
 * Measures the peers on one PostgreSQL server, one at a time, in turn for each round, and returns the table
 * of their medians. All run from the first to the last; who is not being measured has nothing to do.
 */
export async function compare(bench: Workbench, options: BenchOptions, say: Say): Promise<string[]> {
  const cluster = await makePostgres(bench, options);
  const entries: Entry[] = [];
  for (const chosen of peers.filter(({ name }) => options.only.test(name))) {
    const peer = await startPeer(bench, chosen, { DATABASE_URL: cluster.url });
    await checkPeer(peer, (text, values) => cluster.query(text, values));
    entries.push({ peer, target: targetOf(peer), rounds: [] });
    say(`${peer.name} does what it is to be measured at`);
  }
  for (const { peer, target } of entries) {
    await loadPeer(peer, target, { ...options, seconds: WARM_UP_SECONDS });
  }
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const { peer, target, rounds } of round % 2 === 0 ? entries.toReversed() : entries) {
      const measured = await measure(peer, target, options, cluster.processId);
      rounds.push(measured);
      say(`round ${round}, ${peer.name}: ${Math.round(measured.ticketsPerSecond)} tickets/s`);
    }
  }
  const [version] = await cluster.query<{ server_version: string }>('SHOW server_version');
  return [
    ...tableOf(entries.map(({ peer, rounds }) => ({ name: peer.name, rounds }))),
    '',
    machine(`PostgreSQL ${version?.server_version}`),
  ];
}
