import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { PGlite, types } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { OperatorError, reasonOf } from '../operator-error.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Announce, Database, SqlClient } from './database.ts';
import { ownDirectory } from './directory-owner.ts';
import { createSpaceCheck } from './disk-space.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { answerTo } from './outage.ts';
import { sharesOf } from './pool-shares.ts';
import { tracedAdapter } from './traced-adapter.ts';

// PGlite's own parser takes the year 0001 for 2001. The session's time zone is UTC.
const parsers = { [types.TIMESTAMPTZ]: (text: string) => new Date(`${text.replace(' ', 'T')}:00`) };

type Work<Result> = () => Promise<Result>;

// PGlite does what waits for it without a turn of the event loop between, so that under load no timer, probe
// or signal would be heeded before all of it is done.
function oneEachTurn(): <Result>(work: Work<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {}).then(() => setImmediate());
    return result;
  };
}

// There is one connection, for which all wait by turns; so much is under way at once as with PostgreSQL's usual pool.
const POOL_SIZE = 10;

// As on PostgreSQL, no plan is to read the whole of a table because it seems empty: nothing counts its rows here.
const SESSION_SETTINGS = 'SET enable_seqscan TO off';

/** What surrounds a PGlite. */
interface Surroundings {
  /** Runs after it was closed. */
  readonly release?: () => Promise<void>;
  /** Fails while it has no room to write. */
  readonly requireSpace?: () => Promise<void>;
  /** Is told the statements that Prisma runs. */
  readonly tracing?: Tracing | undefined;
}

const nothing = async () => {};

/** Presents an open PGlite as the gateway's database. */
export function embeddedDatabase(
  pglite: PGlite,
  { release = nothing, requireSpace = nothing, tracing }: Surroundings = {},
): Database {
  const adapter = tracedAdapter(new PrismaPGlite(pglite), tracing);
  const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' });
  const inTurn = oneEachTurn();
  const sql: SqlClient = {
    query: async <Row>({ text }: { text: string }, values: readonly unknown[]) => {
      await requireSpace();
      return (await answerTo(inTurn(() => pglite.query<Row>(text, [...values], { parsers })))).rows;
    },
  };
  const execute = async (script: string) => {
    await pglite.exec(script);
  };
  return {
    engine: 'PGlite',
    prisma,
    sql,
    shares: sharesOf(POOL_SIZE),
    withSession: (work) => work({ ...sql, execute, executeLong: execute }),
    async close() {
      await prisma.$disconnect();
      await pglite.close();
      await release();
    },
  };
}

// A first start that is killed midway leaves only a draft, which the next one throws away.
async function createCluster(cluster: string, announce: Announce): Promise<void> {
  announce('Creating the embedded database. This takes a few seconds, the first time only.');
  const draft = `${cluster}.draft`;
  await rm(draft, { recursive: true, force: true });
  const pglite = await PGlite.create(draft);
  await pglite.close();
  await rename(draft, cluster);
}

/** Opens PGlite (PostgreSQL in this process) in a folder, which is made when absent and owned while open. */
export async function openEmbedded(
  directory: string,
  announce: Announce,
  tracing?: Tracing,
): Promise<Database> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw new OperatorError(`The folder ${directory} in DATA_DIR cannot be made: ${reasonOf(error)}`);
  });
  const release = await ownDirectory(directory);
  try {
    const cluster = join(directory, 'pglite');
    if (!existsSync(cluster)) await createCluster(cluster, announce);
    const pglite = await PGlite.create(cluster);
    await pglite.exec(SESSION_SETTINGS);
    return embeddedDatabase(pglite, { release, requireSpace: createSpaceCheck(directory), tracing });
  } catch (error) {
    await release();
    throw new OperatorError(`The embedded database in ${directory} cannot be used: ${reasonOf(error)}`);
  }
}
