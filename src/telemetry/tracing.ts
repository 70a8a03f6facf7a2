import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCode } from '../errors.ts';

/** A request, as far as its trace tells of it. */
export interface TracedRequest {
  readonly method: string;
  /** The path, only where the gateway serves something: to any other, a client may have pasted its key. */
  readonly route: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** What became of a traced request. */
export interface TracedOutcome {
  /** The HTTP status. */
  readonly status: number;
  /** The code of the first error that the client was told. */
  readonly code: ErrorCode | undefined;
}

/** What a statement of SQL does, such as `INSERT` to `tickets`; never a value of it. */
export interface StatementSummary {
  readonly operation: string;
  readonly table: string | undefined;
}

/** A statement that a request waits for, together with others maybe. */
export interface AwaitedStatement {
  /** The statement is sent, for so many. */
  begin(batchSize: number): void;
  /** It is done, or failed. */
  end(error?: unknown): void;
}

/**
 * Records where the time of requests goes, as spans: what is done within a request's work, and within that, is told as a
 * part of it, across whatever it awaits. Outside of a request nothing is recorded. Never fails, and keeps nobody waiting.
 */
export interface Tracing {
  /** Does the work of a request, in the trace that its headers name or a new one; the work is told the trace's id. */
  request(request: TracedRequest, work: (traceId: string) => Promise<TracedOutcome>): Promise<void>;
  /** Does work as a step of its own, with attributes of it. Work that is done at once leaves no trace. */
  step<Result>(name: string, work: () => Result, attributes?: Readonly<Record<string, string>>): Result;
  /** Runs one statement of SQL. */
  statement<Result>(summary: StatementSummary, work: () => Promise<Result>): Promise<Result>;
  /** Prepares to tell of a statement that somebody else will run, also for the request at hand. */
  awaitStatement(summary: StatementSummary): AwaitedStatement | undefined;
}

/** Does work as a step of its own, where traces are recorded. */
export const step = <Result>(tracing: Tracing | undefined, name: string, work: () => Result): Result =>
  tracing === undefined ? work() : tracing.step(name, work);

/** Runs one statement for all who await it, and tells each of them. */
export async function runAwaited<Result>(
  awaited: readonly (AwaitedStatement | undefined)[],
  work: () => Promise<Result>,
): Promise<Result> {
  for (const statement of awaited) statement?.begin(awaited.length);
  try {
    const result = await work();
    for (const statement of awaited) statement?.end();
    return result;
  } catch (error) {
    for (const statement of awaited) statement?.end(error);
    throw error;
  }
}
