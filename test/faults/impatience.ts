import type { Experiment } from './experiment.ts';
import { Flood, type FloodResult } from './flood.ts';
import { figure, judgeFlood, tellRefusals } from './flood-judge.ts';
import { GatewayProcess } from './gateway.ts';
import { medianOf } from './quantiles.ts';
import { findFreePort } from './workbench.ts';

const QUEUE = 250;
const SERVED = 64;
const IMPATIENT = [200, 600];
const SECONDS = 3;
const ROUNDS = 3;

/**
 * More clients than a short queue has room for, all of one shop, who ask again as soon as they are refused, whatever
 * Retry-After says: each refusal is work, too, and must leave the process time for what it has taken on. At full length
 * only, since its figures need a quiet machine.
 */
export const impatience: Experiment = async ({ bench, postgres, full, say }) => {
  if (!full) return [];
  say(`${postgres.name}: clients that ask again at once, ${IMPATIENT.join(' and ')} on a queue for ${QUEUE}`);
  const settings = { LOG_LEVEL: 'info', QUEUE_LIMIT: String(QUEUE) };
  const gateway = await GatewayProcess.launch(bench, postgres, await findFreePort(), settings).listens();
  const flood = new Flood(gateway.port);
  await flood.run({ connections: SERVED, seconds: SECONDS });
  const notes: string[] = [];
  for (const connections of IMPATIENT) {
    const [ratios, floods]: [number[], FloodResult[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { good } = await flood.run({ connections: SERVED, seconds: SECONDS });
      const impatient = await flood.run({ connections, seconds: SECONDS });
      ratios.push((impatient.good / good) * 100);
      floods.push(impatient);
    }
    notes.push(
      `${connections} clients: good answers at ${figure(medianOf(ratios))} % of those of ${SERVED} (${ratios.map(figure).join(', ')} %)`,
      tellRefusals(floods),
    );
  }
  await gateway.end('SIGTERM');
  return [await judgeFlood('clients that ask again at once', flood, postgres, notes)];
};
