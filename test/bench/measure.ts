import { OperatorError } from '../../src/operator-error.ts';
import { quantileOf } from '../faults/quantiles.ts';
import { type LoadResult, load, type Target } from './load.ts';
import type { RunningPeer } from './peers.ts';
import { memoryMegabytes, treeProcessorSeconds } from './process-usage.ts';

/** What is known of a peer after one round. Times are in milliseconds, CPU in microseconds a ticket. */
export interface Measurement {
  readonly ticketsPerSecond: number;
  readonly median: number;
  readonly percentile99: number;
  /** The median with one connection. */
  readonly medianAlone: number;
  readonly serverProcessor: number;
  readonly databaseProcessor: number;
  readonly megabytes: number;
}

/** How a round goes. */
export interface Round {
  readonly connections: number;
  readonly seconds: number;
}

const SECONDS_ALONE = 1;

/** Loads a peer. Throws an OperatorError when an answer is not a new ticket, for then the figures mean nothing. */
export async function loadPeer(
  { name }: RunningPeer,
  target: Target,
  { connections, seconds }: Round,
): Promise<LoadResult> {
  const result = await load(target, connections, seconds);
  if (result.failures === 0 && result.latencies.length > 0) return result;
  throw new OperatorError(
    `${name} failed ${result.failures} times: ${result.firstFailure ?? 'it answered nothing'}`,
  );
}

/** Measures a peer for one round, together with the processes of the PostgreSQL server that it uses. */
export async function measure(
  peer: RunningPeer,
  target: Target,
  round: Round,
  databaseProcessId: number,
): Promise<Measurement> {
  const alone = await loadPeer(peer, target, { connections: 1, seconds: SECONDS_ALONE });
  const processors = [peer.processId, databaseProcessId] as const;
  const before = processors.map(treeProcessorSeconds);
  const together = await loadPeer(peer, target, round);
  const [server = Number.NaN, database = Number.NaN] = processors.map(
    (id, position) =>
      ((treeProcessorSeconds(id) - (before[position] ?? Number.NaN)) * 1e6) / together.latencies.length,
  );
  return {
    ticketsPerSecond: together.latencies.length / together.seconds,
    median: quantileOf(together.latencies, 0.5),
    percentile99: quantileOf(together.latencies, 0.99),
    medianAlone: quantileOf(alone.latencies, 0.5),
    serverProcessor: server,
    databaseProcessor: database,
    megabytes: memoryMegabytes(peer.processId),
  };
}
