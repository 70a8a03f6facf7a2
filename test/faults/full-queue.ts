import type { Experiment } from './experiment.ts';
import { Flood } from './flood.ts';
import { judgeFlood, tellRefusals } from './flood-judge.ts';
import { GatewayProcess } from './gateway.ts';
import { locked } from './outage-kinds.ts';
import { findFreePort } from './workbench.ts';

const QUEUE = 250;
const CONNECTIONS = 600;
const RATE = 600;
// Longer than anything that the gateway knows by heart, such as keys, which it has to look up again meanwhile.
const SECONDS = 12;

/**
 * Nothing can be written, so that the queue is full, and more clients come than it has room for, as fast as those
 * would who honour Retry-After: what is refused for the queue's sake must wait for nothing that the database holds up.
 * At full length only, since its figures need a quiet machine.
 */
export const fullQueue: Experiment = async ({ bench, postgres, full, say }) => {
  if (!full) return [];
  say(`${postgres.name}: ${RATE} requests a second while the table is locked, on a queue for ${QUEUE}`);
  const settings = { LOG_LEVEL: 'info', QUEUE_LIMIT: String(QUEUE) };
  const gateway = await GatewayProcess.launch(bench, postgres, await findFreePort(), settings).listens();
  const flood = new Flood(gateway.port);
  await flood.run({ connections: CONNECTIONS, seconds: 1, rate: RATE });
  const unlock = await locked.begin(postgres.cluster);
  const result = await flood.run({ connections: CONNECTIONS, seconds: SECONDS, rate: RATE });
  await unlock();
  await gateway.end('SIGTERM');
  return [await judgeFlood('the queue full for a locked table', flood, postgres, [tellRefusals([result])])];
};
