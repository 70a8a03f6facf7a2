import { join } from 'node:path';
import { reasonOf } from '../../src/operator-error.ts';
import { makeEmbedded, makePostgres } from './engines.ts';
import type { Experiment, Surroundings } from './experiment.ts';
import { GatewayProcess } from './gateway.ts';
import type { Finding } from './judge.ts';
import { type Outage, outageOf, suffer } from './outage.ts';
import type { OutageKind } from './outage-kinds.ts';
import { pollUntil } from './poll.ts';
import { SmallDisk } from './small-disk.ts';
import { findFreePort } from './workbench.ts';

// An empty database takes 33 MB of the first, and a few segments of 1 MB of the second.
const DATA_MEGABYTES = 64;
const LOG_MEGABYTES = 24;
// One of PGlite takes 39 MB, and of what is left 32 MB are for its log, without which it would hang for good.
const EMBEDDED_MEGABYTES = 128;
const TOO_FEW_MEGABYTES = 24;

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

async function mountDisks(
  { bench, say }: Surroundings,
  ...sizes: readonly number[]
): Promise<readonly SmallDisk[]> {
  try {
    return await Promise.all(sizes.map((megabytes) => SmallDisk.mount(bench, megabytes)));
  } catch (error) {
    say(`left out, since no small disk can be mounted here: ${reasonOf(error)}`);
    return [];
  }
}

/** Fills the disk of a PostgreSQL server under load, then that of its log. Left out where nothing can be mounted. */
export const fullDiskOnPostgres: Experiment = async (surroundings) => {
  const { bench, full, say } = surroundings;
  const [data, log] = await mountDisks(surroundings, DATA_MEGABYTES, LOG_MEGABYTES);
  if (data === undefined || log === undefined) return [];
  const postgres = await makePostgres(bench, { data: data.folder, log: log.folder });
  const gateway = await GatewayProcess.launch(bench, postgres, await findFreePort()).listens();
  const findings: Finding[] = [];
  for (const kind of [dataFull(data), logFull(log)]) {
    say(`${postgres.name}: ${kind.name}`);
    findings.push(await suffer(outageOf(postgres.cluster, kind), postgres, gateway, full ? 8 : 2.5));
  }
  await gateway.end('SIGTERM');
  await postgres.cluster.kill();
  return findings;
};

/** Fills the disk of an embedded database under load until it takes nothing more. Left out where nothing can be mounted. */
export const fullDiskOnEmbedded: Experiment = async (surroundings) => {
  const { bench, full, say } = surroundings;
  const [disk] = await mountDisks(surroundings, EMBEDDED_MEGABYTES);
  if (disk === undefined) return [];
  const engine = await makeEmbedded(bench, join(disk.folder, 'data'));
  const gateway = await GatewayProcess.launch(bench, engine, await findFreePort()).listens();
  const kind = { name: 'disk nearly full', isWhole: false, isFelt: true };
  say(`${engine.name}: ${kind.name}`);
  const outage: Outage = {
    ...kind,
    async begin() {
      disk.fill(TOO_FEW_MEGABYTES);
      return async () => disk.free();
    },
    // There is no server in which they could.
    countAbandoned: async () => 0,
  };
  const finding = await suffer(outage, engine, gateway, full ? 8 : 2.5);
  await gateway.end('SIGTERM');
  return [finding];
};
