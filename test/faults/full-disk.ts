import { reasonOf } from '../../src/operator-error.ts';
import { makePostgres } from './engines.ts';
import type { Experiment, Surroundings } from './experiment.ts';
import { GatewayProcess } from './gateway.ts';
import type { Finding } from './judge.ts';
import { suffer } from './outage.ts';
import type { OutageKind } from './outage-kinds.ts';
import { pollUntil } from './poll.ts';
import { SmallDisk } from './small-disk.ts';
import { findFreePort } from './workbench.ts';

// An empty database takes 33 MB of the first, and a few segments of 1 MB of the second.
const DATA_MEGABYTES = 64;
const LOG_MEGABYTES = 24;

/** No table can grow: statements fail with SQLSTATE 53100, what only reads goes on. */
const dataFull = (disk: SmallDisk): OutageKind => ({
  name: 'disk full',
  isWhole: false,
  async begin() {
    disk.fill();
    return async () => disk.free();
  },
});

/** The write-ahead log cannot grow: the server panics, and cannot start before there is space. */
const logFull = (disk: SmallDisk): OutageKind => ({
  name: 'disk of its log full, so that it panicked',
  isWhole: true,
  async begin(cluster) {
    await pollUntil('PostgreSQL has ended', 20_000, async () => {
      disk.fill();
      // Sooner at the end of what space there is within the log.
      await cluster.query('SELECT pg_switch_wal()').catch(() => {});
      return !cluster.runs();
    });
    return async () => {
      disk.free();
      await cluster.start();
    };
  },
});

async function mountDisks({
  bench,
  say,
}: Surroundings): Promise<readonly [SmallDisk, SmallDisk] | undefined> {
  try {
    return [await SmallDisk.mount(bench, DATA_MEGABYTES), await SmallDisk.mount(bench, LOG_MEGABYTES)];
  } catch (error) {
    say(`left out, since no small disk can be mounted here: ${reasonOf(error)}`);
    return undefined;
  }
}

/** Fills the disk of a PostgreSQL server under load, then that of its log. Left out where nothing can be mounted. */
export const fullDisk: Experiment = async (surroundings) => {
  const { bench, full, say } = surroundings;
  const disks = await mountDisks(surroundings);
  if (disks === undefined) return [];
  const [data, log] = disks;
  const postgres = await makePostgres(bench, { data: data.folder, log: log.folder });
  const gateway = await GatewayProcess.launch(bench, postgres, await findFreePort()).listens();
  const findings: Finding[] = [];
  for (const kind of [dataFull(data), logFull(log)]) {
    say(`${postgres.name}: ${kind.name}`);
    findings.push(await suffer(kind, postgres, gateway, full ? 8 : 2.5));
  }
  await gateway.end('SIGTERM');
  await postgres.cluster.kill();
  return findings;
};
