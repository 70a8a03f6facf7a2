import type { PostgresEngine } from './engines.ts';
import type { Experiment } from './experiment.ts';
import { Flood, type FloodResult } from './flood.ts';
import { GatewayProcess } from './gateway.ts';
import type { Finding } from './judge.ts';
import { findFreePort } from './workbench.ts';

const SWEEP = [4, 8, 16, 32, 64];
const SECONDS = 3;
const ROUNDS = 5;
const TIMES = 3;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const figure = (value: number): string => Math.round(value).toLocaleString('en');

/** What the load showed, in figures. Times are no complaint: they depend on what else the machine does. */
function note(
  peaks: readonly FloodResult[],
  overloads: readonly FloodResult[],
  saturation: number,
): string[] {
  const ratios = overloads.map(({ good }, round) => (good / (peaks[round]?.good ?? 0)) * 100);
  const refusals = overloads.flatMap((overload) => overload.refusals).sort((a, b) => a - b);
  const quantile = (share: number) => figure(refusals[Math.floor((refusals.length - 1) * share)] ?? 0);
  return [
    `${figure(median(peaks.map(({ good }) => good)))} good answers a second at the peak, with ${saturation} connections`,
    `${figure(median(overloads.map(({ good }) => good)))} at ${figure(median(overloads.map(({ offered }) => offered)))} requests a second`,
    `that is ${ratios.map(figure).join(', ')} %, in the median ${figure(median(ratios))} %`,
    refusals.length === 0
      ? 'none was refused'
      : `half of ${figure(refusals.length)} refusals within ${quantile(0.5)} ms, 99 % within ${quantile(0.99)} ms`,
  ];
}

async function judge(flood: Flood, postgres: PostgresEngine, notes: readonly string[]): Promise<Finding> {
  const { answers } = flood;
  const tickets = await postgres.readTickets(flood.prefix);
  const keys = new Set(tickets.map(({ idempotencyKey }) => idempotencyKey));
  const keysAndIds = new Set(tickets.map(({ id, idempotencyKey }) => `${idempotencyKey} ${id}`));
  const acknowledged = answers.filter(({ ticketId }) => ticketId !== undefined);
  const refused = answers.filter(({ status, hasRetryAfter }) => status === 503 && hasRetryAfter);
  const counts: readonly [string, number][] = [
    ['neither a ticket nor a refusal', answers.length - acknowledged.length - refused.length],
    ['duplicated', tickets.length - keys.size],
  ];
  const lost = acknowledged.filter(
    ({ idempotencyKey, ticketId }) => !keysAndIds.has(`${idempotencyKey} ${ticketId}`),
  );
  return {
    experiment: `${TIMES} times the load that saturates, ${postgres.name}`,
    requests: answers.length,
    acknowledged: acknowledged.length,
    repeated: 0,
    rows: tickets.length,
    duplicates: tickets.length - keys.size,
    lost: lost.length,
    notes,
    complaints: [...counts, ['acknowledged and lost', lost.length] as const]
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} ${what}`),
  };
}

/**
 * Finds the most tickets a second, and offers three times as many requests over three times the connections:
 * what cannot be served waits or is refused, and costs the rest as little as can be. At full length only, since
 * its figures need a quiet machine.
 */
export const overload: Experiment = async ({ bench, postgres, full, say }) => {
  if (!full) return [];
  say(`${postgres.name}: ${TIMES} times the load that saturates, ${ROUNDS} times in turn with that load`);
  const settings = { LOG_LEVEL: 'info', REQUEST_DEADLINE: '5' };
  const gateway = await GatewayProcess.launch(bench, postgres, await findFreePort(), settings).listens();
  const flood = new Flood(gateway.port);
  await flood.run({ connections: 16, seconds: SECONDS });
  const sweep: [number, number][] = [];
  for (const connections of SWEEP) {
    sweep.push([connections, (await flood.run({ connections, seconds: SECONDS })).good]);
  }
  const [saturation, most] = sweep.reduce((best, next) => (next[1] > best[1] ? next : best));
  const [peaks, overloads]: [FloodResult[], FloodResult[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const peak = await flood.run({ connections: saturation, seconds: SECONDS });
    const rate = TIMES * Math.max(most, peak.good);
    peaks.push(peak);
    overloads.push(await flood.run({ connections: TIMES * saturation, seconds: SECONDS, rate }));
  }
  await gateway.end('SIGTERM');
  return [await judge(flood, postgres, note(peaks, overloads, saturation))];
};
