import type { Experiment } from './experiment.ts';
import { Flood, type FloodResult } from './flood.ts';
import { figure, judgeFlood, tellRefusals } from './flood-judge.ts';
import { GatewayProcess } from './gateway.ts';
import { medianOf } from './quantiles.ts';
import { findFreePort } from './workbench.ts';

const SWEEP = [4, 8, 16, 32, 64];
const SECONDS = 3;
const ROUNDS = 5;
const TIMES = 3;

/** What the load showed, in figures. Times are no complaint: they depend on what else the machine does. */
function note(
  peaks: readonly FloodResult[],
  overloads: readonly FloodResult[],
  saturation: number,
): string[] {
  const ratios = overloads.map(({ good }, round) => (good / (peaks[round]?.good ?? 0)) * 100);
  return [
    `${figure(medianOf(peaks.map(({ good }) => good)))} good answers a second at the peak, with ${saturation} connections`,
    `${figure(medianOf(overloads.map(({ good }) => good)))} at ${figure(medianOf(overloads.map(({ offered }) => offered)))} requests a second`,
    `that is ${ratios.map(figure).join(', ')} %, in the median ${figure(medianOf(ratios))} %`,
    tellRefusals(overloads),
  ];
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
  const name = `${TIMES} times the load that saturates`;
  return [await judgeFlood(name, flood, postgres, note(peaks, overloads, saturation))];
};
