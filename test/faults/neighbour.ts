import { startProcess } from '../helpers/start-process.ts';
import type { Asker, PostgresEngine } from './engines.ts';
import type { Experiment } from './experiment.ts';
import { Flood, type FloodResult } from './flood.ts';
import { judgeFlood, tellRefusals, tellTimes } from './flood-judge.ts';
import { GatewayProcess } from './gateway.ts';
import { findFreePort } from './workbench.ts';

const DOMAIN = 'neighbour.example';
const LOUD = [200, 600];
const SECONDS = 5;
// One connection, and so many tickets a second.
const QUIET = { connections: 1, seconds: SECONDS, rate: 20 };

async function makeShop({ cluster, settings }: PostgresEngine): Promise<Asker> {
  const run = async (...words: string[]) => {
    const { exitCode, stdout, stderr } = await startProcess([...words, '--json'], settings).finished;
    if (exitCode !== 0) throw new Error(`The second shop could not be made:\n${stderr}`);
    return JSON.parse(stdout);
  };
  await run('shops', 'create', '--domain', DOMAIN);
  const { key } = await run(
    'keys',
    'create',
    '--shop',
    DOMAIN,
    '--name',
    'quiet',
    '--scopes',
    'tickets:write',
  );
  const customer = 'INSERT INTO customers (shop_id) SELECT id FROM shops WHERE domain = $1 RETURNING id';
  const [row] = await cluster.query<{ id: number }>(customer, [DOMAIN]);
  if (row === undefined) throw new Error('The second shop has no customer');
  return { key, customerId: row.id };
}

/**
 * A shop asks for far more tickets than its rate limit has, on many connections, and asks again as soon as it is refused;
 * another asks for a few. At full length only, since its figures need a quiet machine.
 */
export const neighbour: Experiment = async ({ bench, postgres, full, say }) => {
  if (!full) return [];
  say(
    `${postgres.name}: another shop's tickets beside ${LOUD.join(' and ')} clients that are past their rate limit`,
  );
  const settings = { LOG_LEVEL: 'info', RATE_LIMIT: '100' };
  const gateway = await GatewayProcess.launch(bench, postgres, await findFreePort(), settings).listens();
  const [loud, quiet] = [new Flood(gateway.port), new Flood(gateway.port, await makeShop(postgres))];
  await quiet.run(QUIET);
  const notes = [tellTimes('tickets alone', (await quiet.run(QUIET)).tickets)];
  const floods: FloodResult[] = [];
  for (const connections of LOUD) {
    const [beside, flood] = await Promise.all([
      quiet.run(QUIET),
      loud.run({ connections, seconds: SECONDS }),
    ]);
    notes.push(tellTimes(`tickets beside ${connections} clients of the other`, beside.tickets));
    floods.push(flood);
  }
  await gateway.end('SIGTERM');
  return [
    await judgeFlood('a shop past its rate limit', loud, postgres, [tellRefusals(floods)]),
    await judgeFlood('another shop beside it', quiet, postgres, notes),
  ];
};
