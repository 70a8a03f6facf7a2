import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from './errors.ts';
import type { Gateway } from './gateway.ts';
import { OperatorError, reasonOf } from './operator-error.ts';
import { showError } from './rest/encoding.ts';

const SWEEP_INTERVAL_MS = 50;

// So long may a client that is busy take to send its next request, with whose answer it is asked to leave.
const LEAVE_TAKING_MS = 250;

/** A gateway that listens. */
export interface RunningServer {
  /** Where it is reached, such as http://127.0.0.1:4000. */
  readonly url: string;
  /** Stops accepting and resolves when every request under way is answered, at the latest after the timeout. */
  drain(timeoutMs: number): Promise<void>;
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

// Yoga answers a request whose URL cannot be put together with a stack trace.
const hasUrl = ({ headers, url }: IncomingMessage): boolean =>
  URL.canParse(`http://${headers.host ?? 'localhost'}${url}`);

function refuse(response: ServerResponse): void {
  const requestId = randomUUID();
  const error = new GatewayError('BAD_REQUEST', 'The Host header or the path is malformed');
  response
    .writeHead(error.status, { 'content-type': 'application/json; charset=utf-8', 'x-request-id': requestId })
    .end(JSON.stringify(showError(error, requestId)));
}

/** Serves the gateway over HTTP. Throws an OperatorError when the address cannot be taken. */
export async function listen(gateway: Gateway, port: number, host: string): Promise<RunningServer> {
  const server = createServer((request, response) => {
    if (hasUrl(request)) return gateway(request, response);
    refuse(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new OperatorError(`Cannot listen on ${host}, port ${port}: ${reasonOf(error)}`));
    });
    server.listen(port, host, resolve);
  });

  return {
    url: urlOf(server, host),
    async drain(timeoutMs) {
      await sleep(LEAVE_TAKING_MS);
      // This also ends the connections that are idle.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A connection that is kept alive falls idle when its answer was sent, some time after the close.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_INTERVAL_MS);
      const deadline = setTimeout(() => server.closeAllConnections(), timeoutMs - LEAVE_TAKING_MS);
      await closed;
      clearInterval(sweep);
      clearTimeout(deadline);
    },
  };
}
