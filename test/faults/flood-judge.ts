import type { PostgresEngine } from './engines.ts';
import type { Flood, FloodResult } from './flood.ts';
import type { Finding } from './judge.ts';
import { quantileOf } from './quantiles.ts';

/** A number as people read it. */
export const figure = (value: number): string => Math.round(value).toLocaleString('en');

/** How long refusals took to come. */
export function tellRefusals(floods: readonly FloodResult[]): string {
  const refusals = floods.flatMap((flood) => flood.refusals).sort((a, b) => a - b);
  if (refusals.length === 0) return 'none was refused';
  const within = (share: number) => `within ${figure(Math.ceil(quantileOf(refusals, share)))} ms`;
  return `half of ${figure(refusals.length)} refusals ${within(0.5)}, 99 % ${within(0.99)}, all ${within(1)}`;
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
  const refused = answers.filter(({ status, hasRetryAfter }) => status === 503 && hasRetryAfter);
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
