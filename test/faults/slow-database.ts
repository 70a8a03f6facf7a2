import type { Experiment } from './experiment.ts';
import { Flood, type FloodResult } from './flood.ts';
import { figure, judgeFlood, tellRefusals } from './flood-judge.ts';
import { GatewayProcess } from './gateway.ts';
import type { PostgresCluster } from './postgres-cluster.ts';
import { medianOf } from './quantiles.ts';
import { findFreePort } from './workbench.ts';

const QUEUE = 250;
// As many as the queue has room for, of one shop.
const SERVED = 120;
const CONNECTIONS = 600;
const TIMES = 3;
const SECONDS = 4;
const ROUNDS = 5;
const STATEMENT_MS = 100;

/** Makes each statement that creates tickets take as long as on a disk that has too much to do; returns how that ends. */
async function slowDown(cluster: PostgresCluster): Promise<() => Promise<void>> {
  await cluster.query(`CREATE FUNCTION dawdle() RETURNS TRIGGER LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(${STATEMENT_MS / 1_000}); RETURN NULL; END $$`);
  await cluster.query(
    'CREATE TRIGGER dawdle AFTER INSERT ON tickets FOR EACH STATEMENT EXECUTE FUNCTION dawdle()',
  );
  return async () => {
    await cluster.query('DROP FUNCTION dawdle CASCADE');
  };
}

/**
 * The database is what cannot keep up, while the process has time to spare: three times as many requests come as fill a
 * short queue, and what does not fit is refused. At full length only, since its figures need a quiet machine.
 */
export const slowDatabase: Experiment = async ({ bench, postgres, full, say }) => {
  if (!full) return [];
  say(
    `${postgres.name}: ${TIMES} times the load that a slow database takes, on a queue for ${QUEUE}, ${ROUNDS} times`,
  );
  const settings = { LOG_LEVEL: 'info', QUEUE_LIMIT: String(QUEUE) };
  const gateway = await GatewayProcess.launch(bench, postgres, await findFreePort(), settings).listens();
  const flood = new Flood(gateway.port);
  await flood.run({ connections: SERVED, seconds: 1 });
  const quicken = await slowDown(postgres.cluster);
  const [ratios, overloads]: [number[], FloodResult[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { good } = await flood.run({ connections: SERVED, seconds: SECONDS });
    const overloaded = await flood.run({ connections: CONNECTIONS, seconds: SECONDS, rate: TIMES * good });
    ratios.push((overloaded.good / good) * 100);
    overloads.push(overloaded);
  }
  await quicken();
  await gateway.end('SIGTERM');
  const offered = medianOf(overloads.map((overloaded) => overloaded.offered));
  return [
    await judgeFlood(`${TIMES} times what a slow database takes`, flood, postgres, [
      `${figure(offered)} requests a second: good answers at ${figure(medianOf(ratios))} % of those without the overload (${ratios.map(figure).join(', ')} %)`,
      tellRefusals(overloads),
    ]),
  ];
};
