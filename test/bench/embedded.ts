import { strictEqual } from 'node:assert/strict';
import { readConfig } from '../../src/config.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { medianOf } from '../faults/quantiles.ts';
import type { Workbench } from '../faults/workbench.ts';
import { type Say, targetOf, WARM_UP_SECONDS } from './comparison.ts';
import { fill } from './dataset.ts';
import { doors } from './doors.ts';
import { loadPeer } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { gateway, startPeer } from './peers.ts';
import { machine } from './report.ts';

async function withEmbedded<Result>(
  directory: string,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(readConfig({ DATA_DIR: directory }), () => {});
  return work(database).finally(() => database.close());
}

const countTickets = ({ prisma }: Database): Promise<number> => prisma.ticket.count();

/**
 * Measures both doors of one gateway on an embedded database, and returns the median of each. Checks afterwards
 * that there are as many tickets as there were good answers, since nobody else can look while the gateway runs.
 */
export async function measureEmbedded(bench: Workbench, options: BenchOptions, say: Say): Promise<string[]> {
  const directory = await bench.makeFolder();
  await withEmbedded(directory, async (database) => {
    await migrate(database);
    await database.withSession((session) => fill(session.execute, options.tickets));
  });
  const server = await startPeer(bench, gateway, { DATA_DIR: directory });
  const entries = Object.values(doors).map((door) => ({
    peer: { ...server, door },
    figures: [] as number[],
  }));
  let answers = 0;
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const { peer, figures } of entries) {
      const seconds = round === 0 ? WARM_UP_SECONDS : options.seconds;
      const result = await loadPeer(peer, targetOf(peer), { ...options, seconds });
      answers += result.latencies.length;
      if (round === 0) continue;
      figures.push(result.latencies.length / result.seconds);
      say(`round ${round}, ${peer.door.path}: ${Math.round(figures.at(-1) ?? Number.NaN)} tickets/s`);
    }
  }
  await server.end();
  strictEqual(await withEmbedded(directory, countTickets), options.tickets + answers, 'Tickets are missing');
  return [
    ...entries.map(({ peer, figures }) => `${peer.door.path}: ${Math.round(medianOf(figures))} tickets/s`),
    machine('PGlite'),
  ];
}
