import { setTimeout as sleep } from 'node:timers/promises';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { TraceProtocol } from '../config-variables.ts';
import type { Logger } from '../log.ts';
import { OpenTelemetryTracing } from './open-telemetry.ts';

const NAME = 'ticket-gateway';

/** Traces that are recorded and sent away. */
export interface TraceExport {
  readonly tracing: OpenTelemetryTracing;
  /** Sends what is left, for at most so many milliseconds. */
  close(patience: number): Promise<void>;
}

// Only the one that is used is loaded.
const loadExporter = (protocol: TraceProtocol) =>
  protocol === 'http/json'
    ? import('@opentelemetry/exporter-trace-otlp-http')
    : import('@opentelemetry/exporter-trace-otlp-proto');

/** Says in the log when spans cannot be sent, and when they can again; once each. */
class ToldExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: Logger;
  #isAway = false;

  constructor(exporter: SpanExporter, log: Logger) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], tellResult: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      this.#note(result);
      tellResult(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  #note({ code, error }: ExportResult): void {
    const isAway = code !== ExportResultCode.SUCCESS;
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    if (isAway) this.#log.warn({ err: error }, 'traces cannot be sent: those of this time are lost');
    else this.#log.info('traces can be sent again');
  }
}

// What is wrong with OpenTelemetry's own variables, it says as it reads them. Later the gateway tells by itself.
function tellProblems<Result>(log: Logger, work: () => Result): Result {
  const warn = (message: string) => log.warn(`OpenTelemetry: ${message}`);
  const nothing = () => {};
  diag.setLogger(
    { error: warn, warn, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  try {
    return work();
  } finally {
    diag.disable();
  }
}

/**
 * Opens the way of traces to an OpenTelemetry collector. All but the protocol is read from the variables of
 * OpenTelemetry's own: where the collector is, how many traces are recorded, what the service is called.
 */
export async function openTraceExport(protocol: TraceProtocol, log: Logger): Promise<TraceExport> {
  const { OTLPTraceExporter } = await loadExporter(protocol);
  const provider = tellProblems(log, () => {
    const exporter = new ToldExporter(new OTLPTraceExporter(), log);
    const resource = defaultResource()
      .merge(resourceFromAttributes({ 'service.name': NAME }))
      .merge(detectResources({ detectors: [envDetector] }));
    return new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  });
  return {
    tracing: new OpenTelemetryTracing(provider.getTracer(NAME)),
    async close(patience) {
      const isLate = sleep(patience, true, { ref: false });
      const isLost = await Promise.race([
        provider.shutdown().then(
          () => false,
          () => true,
        ),
        isLate,
      ]);
      if (isLost) log.warn('the last traces could not be sent');
    },
  };
}
