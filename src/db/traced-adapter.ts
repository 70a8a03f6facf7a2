import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQuery } from '@prisma/driver-adapter-utils';
import type { StatementSummary, Tracing } from '../telemetry/tracing.ts';

// Prisma writes its statements itself, with parameters for all values: `SELECT … FROM "public"."shops" …`.
const TABLE = /\b(?:FROM|INTO|UPDATE) (?:"public"\.)?"(\w+)"/;

const summaryOf = ({ sql }: SqlQuery): StatementSummary => ({
  operation: /^\s*(\w*)/.exec(sql)?.[1] ?? '',
  table: TABLE.exec(sql)?.[1],
});

function trace(adapter: SqlDriverAdapter, tracing: Tracing): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter);
  const executeRaw = adapter.executeRaw.bind(adapter);
  return Object.assign(adapter, {
    queryRaw: (query: SqlQuery) => tracing.statement(summaryOf(query), () => queryRaw(query)),
    executeRaw: (query: SqlQuery) => tracing.statement(summaryOf(query), () => executeRaw(query)),
  });
}

/**
 * Lets every statement that Prisma runs outside of transactions appear in the trace of its request; without tracing
 * the adapter is the one given.
 */
export function tracedAdapter(
  factory: SqlDriverAdapterFactory,
  tracing: Tracing | undefined,
): SqlDriverAdapterFactory {
  if (tracing === undefined) return factory;
  const { provider, adapterName } = factory;
  return { provider, adapterName, connect: async () => trace(await factory.connect(), tracing) };
}
