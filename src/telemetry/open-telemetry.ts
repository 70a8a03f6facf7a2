import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { GatewayError } from '../errors.ts';
import type { AwaitedStatement, StatementSummary, TracedOutcome, TracedRequest, Tracing } from './tracing.ts';

// Names of OpenTelemetry's semantic conventions; those that start with `ticket_gateway` are the gateway's own.
const ERROR_CODE = 'ticket_gateway.error.code';

// What the conventions know; whatever else a client may send is one more value of theirs.
const methods = new Set('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY'.split(' '));

// Of what the W3C has for it, without the `tracestate`: a text of the client's that every span would carry.
function callerOf({ traceparent }: IncomingHttpHeaders): Context {
  const caller = typeof traceparent === 'string' ? parseTraceParent(traceparent) : null;
  return caller === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...caller, isRemote: true });
}

const nameOf = ({ operation, table }: StatementSummary) =>
  table === undefined ? operation : `${operation} ${table}`;

const databaseAttributes = (summary: StatementSummary): Attributes => ({
  'db.system.name': 'postgresql',
  'db.operation.name': summary.operation,
  'db.collection.name': summary.table,
  'db.query.summary': nameOf(summary),
});

// An error's message and stack stay in the log: the database's may quote what a client sent.
function fail(span: Span, error: unknown): void {
  if (error instanceof GatewayError) {
    span.setAttribute(ERROR_CODE, error.code);
    if (error.status < 500) return;
  }
  const { code, name = typeof error } = (error ?? {}) as { code?: unknown; name?: string };
  span.setAttribute('error.type', typeof code === 'string' ? code : name);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Records traces with a tracer of OpenTelemetry's. */
export class OpenTelemetryTracing implements Tracing {
  readonly #tracer: Tracer;
  /** In which span the work at hand is done. */
  readonly #current = new AsyncLocalStorage<Context | undefined>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  async request(
    { method, route, headers }: TracedRequest,
    work: (traceId: string) => Promise<TracedOutcome>,
  ): Promise<void> {
    const isKnown = methods.has(method);
    const attributes = {
      'http.request.method': isKnown ? method : '_OTHER',
      'http.route': route,
      'url.path': route,
      'url.scheme': 'http',
    };
    const parent = callerOf(headers);
    const verb = isKnown ? method : 'HTTP';
    const span = this.#tracer.startSpan(
      route === undefined ? verb : `${verb} ${route}`,
      { kind: SpanKind.SERVER, attributes },
      parent,
    );
    const { traceId } = span.spanContext();
    // Of a trace that is not sampled nothing is recorded within, either, nor in that of whom it came behind.
    if (!span.isRecording()) return void (await this.#current.run(undefined, work, traceId));
    try {
      const { status, code } = await this.#current.run(trace.setSpan(parent, span), work, traceId);
      span.setAttribute('http.response.status_code', status);
      if (code !== undefined) span.setAttribute(ERROR_CODE, code);
      if (status >= 500) {
        span.setAttribute('error.type', code ?? String(status));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
    } finally {
      span.end();
    }
  }

  step<Result>(name: string, work: () => Result, attributes: Attributes = {}): Result {
    return this.#record(name, SpanKind.INTERNAL, attributes, work);
  }

  statement<Result>(summary: StatementSummary, work: () => Promise<Result>): Promise<Result> {
    return this.#record(nameOf(summary), SpanKind.CLIENT, databaseAttributes(summary), work);
  }

  awaitStatement(summary: StatementSummary): AwaitedStatement | undefined {
    const context = this.#current.getStore();
    if (context === undefined) return undefined;
    let span: Span | undefined;
    return {
      begin: (batchSize) => {
        // A batch of one is none, say the conventions.
        const size = batchSize > 1 ? { 'db.operation.batch.size': batchSize } : {};
        const attributes = { ...databaseAttributes(summary), ...size };
        span = this.#tracer.startSpan(nameOf(summary), { kind: SpanKind.CLIENT, attributes }, context);
      },
      end: (error) => {
        if (span !== undefined && error !== undefined) fail(span, error);
        span?.end();
      },
    };
  }

  #record<Result>(name: string, kind: SpanKind, attributes: Attributes, work: () => Result): Result {
    const context = this.#current.getStore();
    if (context === undefined) return work();
    const span = this.#tracer.startSpan(name, { kind, attributes }, context);
    const result = this.#current.run(trace.setSpan(context, span), work);
    if (!(result instanceof Promise)) return result;
    result.then(
      () => span.end(),
      (error: unknown) => {
        fail(span, error);
        span.end();
      },
    );
    return result;
  }
}
