import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { MetricsServer } from './metrics-server.ts';
import type { Observer } from './observer.ts';
import type { TraceExport } from './trace-export.ts';
import type { Tracing } from './tracing.ts';

// The last traces go in a moment, or to a collector that does not answer.
const LEAVE_TAKING_MS = 2_000;

/** What an operator watches the gateway with, as far as the settings ask for it. */
export interface Telemetry {
  readonly observer: Observer | undefined;
  readonly tracing: Tracing | undefined;
  /** Where Prometheus finds the metrics. */
  readonly metricsUrl: string | undefined;
  /** Sends the last traces, which takes two seconds at most, and then ends the metrics. */
  close(): Promise<void>;
}

// Each is loaded only where it is asked for: most gateways run without either.
async function openTraces({ traceProtocol }: Config, log: Logger): Promise<TraceExport | undefined> {
  if (traceProtocol === undefined) return undefined;
  const { openTraceExport } = await import('./trace-export.ts');
  return openTraceExport(traceProtocol, log);
}

interface OpenMetrics {
  readonly observer: Observer;
  readonly server: MetricsServer;
}

async function openMetrics(
  { metricsPort, metricsHost }: Config,
  log: Logger,
): Promise<OpenMetrics | undefined> {
  if (metricsPort === undefined) return undefined;
  const { Metrics } = await import('./metrics.ts');
  const { serveMetrics } = await import('./metrics-server.ts');
  const observer = new Metrics();
  return { observer, server: await serveMetrics(observer, metricsPort, metricsHost, log) };
}

/** Opens metrics and traces. Throws an OperatorError when the address of the metrics cannot be taken. */
export async function openTelemetry(config: Config, log: Logger): Promise<Telemetry> {
  const metrics = await openMetrics(config, log);
  const traces = await openTraces(config, log);
  return {
    observer: metrics?.observer,
    tracing: traces?.tracing,
    metricsUrl: metrics?.server.url,
    async close() {
      await traces?.close(LEAVE_TAKING_MS);
      await metrics?.server.close();
    },
  };
}
