import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from './errors.ts';
import type { Gateway } from './gateway.ts';
import { OperatorError, reasonOf } from './operator-error.ts';
import { securityHeaders } from './plugins/security-headers.ts';
import { showError } from './rest/encoding.ts';

const SWEEP_INTERVAL_MS = 50;

// So long may a client that is busy take to send its next request, with whose answer it is asked to leave.
const LEAVE_TAKING_MS = 250;

/** How long the gateway waits for a client, in milliseconds. Past that the connection is dropped. */
export interface Patience {
  /** For the headers of a request, or of a new connection for anything at all; then 408. */
  readonly headers: number;
  /** For a whole request from its first byte to its last, however steadily it trickles; then 408. */
  readonly request: number;
  /** For any byte to be sent or taken. Longer than any answer takes to be made, for that is silence too. */
  readonly silence: number;
  /** For the next request on a connection that is kept alive. */
  readonly nextRequest: number;
  /** Between two looks at who has been waited for long enough. */
  readonly checkInterval: number;
}

const defaultPatience: Patience = {
  headers: 10_000,
  request: 30_000,
  silence: 60_000,
  // Longer than the minute that load balancers usually keep a connection, so that it is they who close it.
  nextRequest: 65_000,
  checkInterval: 1_000,
};

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

// Yoga puts the URL together from these two, and answers with a stack trace when it cannot. A host must not
// hold what would make it more than a host: a path in it would take the place of the request's own.
const hasUrl = ({ headers: { host = 'localhost' }, url = '' }: IncomingMessage): boolean =>
  /^[^\s/?#@\\]*$/.test(host) && url.startsWith('/') && URL.canParse(`http://${host || 'localhost'}${url}`);

function refuse(response: ServerResponse): void {
  const requestId = randomUUID();
  const error = new GatewayError('BAD_REQUEST', 'The Host header or the path is malformed');
  const body = Buffer.from(JSON.stringify(showError(error, requestId)));
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'x-request-id': requestId,
    ...securityHeaders,
  };
  response.writeHead(error.status, headers).end(body);
}

function createHttpServer(gateway: Gateway, patience: Patience): Server {
  const options = {
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    keepAliveTimeout: patience.nextRequest,
    connectionsCheckingInterval: patience.checkInterval,
    // Without it a second Authorization or Host is dropped unseen; joined, either is refused.
    joinDuplicateHeaders: true,
  };
  const server = createServer(options, (request, response) => {
    if (hasUrl(request)) return gateway(request, response);
    refuse(response);
  });
  server.timeout = patience.silence;
  return server;
}

/** Serves the gateway over HTTP. Throws an OperatorError when the address cannot be taken. */
export async function listen(
  gateway: Gateway,
  port: number,
  host: string,
  patience: Partial<Patience> = {},
): Promise<RunningServer> {
  const server = createHttpServer(gateway, { ...defaultPatience, ...patience });
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
