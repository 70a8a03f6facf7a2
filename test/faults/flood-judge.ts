import type { PostgresEngine } from './engines.ts';
import type { Flood, FloodResult } from './flood.ts';
import type { Finding } from './judge.ts';
import { quantileOf } from './quantiles.ts';

/** A number as people read it. */
export const figure = (value: number): string => Math.round(value).toLocaleString('en');

/** Within how long answers came. */
export function tellTimes(what: string, milliseconds: readonly number[]): string {
  const times = [...milliseconds].sort((a, b) => a - b);
  const within = (share: number) => `within ${figure(Math.ceil(quantileOf(times, share)))} ms`;
  return `half of ${figure(times.length)} ${what} ${within(0.5)}, 99 % ${within(0.99)}, all ${within(1)}`;
}

/** How long refusals took to come. */
export function tellRefusals(floods: readonly FloodResult[]): string {
  const refusals = floods.flatMap((flood) => flood.refusals);
  return refusals.length === 0 ? 'none was refused' : tellTimes('refusals', refusals);
}

/** Compares what a flood was answered with what the database holds. */
export async function judgeFlood(
  experiment: string,
  flood: Flood,
  postgres: PostgresEngine,
  notes: readonly string[],
): Promise<Finding> {
  const { answers } = flood;
  const tickets = await postgres.readTickets(flood.prefix);
  const keys = new Set(tickets.map(({ idempotencyKey }) => idempotencyKey));
  const keysAndIds = new Set(tickets.map(({ id, idempotencyKey }) => `${idempotencyKey} ${id}`));
  const acknowledged = answers.filter(({ ticketId }) => ticketId !== undefined);
  const refused = answers.filter(
    ({ status = 0, hasRetryAfter }) => [429, 503].includes(status) && hasRetryAfter,
  );
  const counts: readonly [string, number][] = [
    ['neither a ticket nor a refusal', answers.length - acknowledged.length - refused.length],
    ['duplicated', tickets.length - keys.size],
  ];
  const lost = acknowledged.filter(
    ({ idempotencyKey, ticketId }) => !keysAndIds.has(`${idempotencyKey} ${ticketId}`),
  );
  return {
    experiment: `${experiment}, ${postgres.name}`,
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
