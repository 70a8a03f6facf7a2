import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from '../log.ts';
import { listenOn } from '../server.ts';
import type { Metrics } from './metrics.ts';

/** The server that Prometheus asks. */
export interface MetricsServer {
  /** Where it is asked, such as http://127.0.0.1:9464/metrics. */
  readonly url: string;
  close(): Promise<void>;
}

async function answer(metrics: Metrics, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url?.split('?')[0] !== '/metrics') return void response.writeHead(404).end();
  if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
  const text = await metrics.show();
  response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
}

/** Serves metrics at `GET /metrics` and nothing else. Throws an OperatorError when the address cannot be taken. */
export async function serveMetrics(
  metrics: Metrics,
  port: number,
  host: string,
  log?: Logger,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    answer(metrics, request, response).catch(() => response.writeHead(500).end());
  });
  const url = await listenOn(server, port, host, log);
  // A gateway that cannot start ends, whatever is open here.
  server.unref();
  return {
    url: `${url}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
