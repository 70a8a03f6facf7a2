import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gateway } from './gateway.ts';
import { limitConnections } from './http/connection-limit.ts';
import { Connections } from './http/connections.ts';
import { MOST_HEADERS, Pipeline } from './http/pipeline.ts';
import type { Logger } from './log.ts';
import { OperatorError, reasonOf } from './operator-error.ts';

// Connections that come while the process does something else. Past them the system drops some, whose clients try
// again after a second. Linux takes no more than net.core.somaxconn, which is 4,096.
const BACKLOG = 4_096;

const SWEEP_INTERVAL_MS = 50;

// What is left to be done when the last connection was dropped, which on a busy machine takes a while: so much at least, and
// so much of the time that there is for all.
const ENDING_MS = 250;
const ENDING_SHARE = 0.1;

// So long may a client that is busy take to send its next request, with whose answer it is asked to leave.
const LEAVE_TAKING_MS = 250;

// So much of the time that there is, whoever comes is waited for before the port is closed.
const QUIET_SHARE = 0.1;
// So long may a request take that follows its connection.
const FIRST_BYTE_MS = 100;

/** How long the gateway waits for a client, in milliseconds. Past that the connection is dropped. */
export interface Patience {
  /** For the headers of a request, or of a new connection for anything at all; then 408. */
  readonly headers: number;
  /** For a whole request from its first byte to its last, however steadily it trickles; then 408. */
  readonly request: number;
  /** For any byte to be sent or taken, beyond the time that an answer takes to be made. */
  readonly silence: number;
  /** The longest that an answer takes to be made, which is silence, too. */
  readonly answer: number;
  /** For the next request on a connection that is kept alive. */
  readonly nextRequest: number;
  /** Between two looks at who has been waited for long enough. */
  readonly checkInterval: number;
}

const defaultPatience: Patience = {
  headers: 10_000,
  request: 30_000,
  silence: 60_000,
  answer: 5_000,
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

function createHttpServer(gateway: Gateway, patience: Patience): Server {
  const options = {
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    keepAliveTimeout: patience.nextRequest,
    connectionsCheckingInterval: patience.checkInterval,
    // Without it a second Authorization or Host is dropped unseen; joined, either is refused.
    joinDuplicateHeaders: true,
    // The gateway refuses it, in a form of its own.
    requireHostHeader: false,
  };
  const pipeline = new Pipeline(gateway);
  const server = createServer(options, pipeline.serve);
  // It expects what nobody promised, and gets an answer.
  server.on('checkExpectation', pipeline.serve);
  server.on('clientError', pipeline.refuse);
  // One more, for what is beyond is dropped unseen. Together they have at most 16 KiB.
  server.maxHeadersCount = MOST_HEADERS + 1;
  server.timeout = patience.silence + patience.answer;
  return server;
}

/**
 * Makes a server listen; returns its URL. Throws an OperatorError when the address cannot be taken. Connections that then
 * cannot be accepted are logged.
 */
export async function listenOn(server: Server, port: number, host: string, log?: Logger): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, BACKLOG, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    throw new OperatorError(`Cannot listen on ${host}, port ${port}: ${reasonOf(error)}`);
  });
  // As when the system has no descriptors left. Without a listener it would end the process.
  server.on('error', (err) => log?.warn({ err }, 'a connection could not be accepted'));
  return urlOf(server, host);
}

/** Serves the gateway over HTTP. Throws an OperatorError when the address cannot be taken. */
export async function listen(
  gateway: Gateway,
  port: number,
  host: string,
  patience: Partial<Patience> = {},
  log?: Logger,
): Promise<RunningServer> {
  const server = createHttpServer(gateway, { ...defaultPatience, ...patience });
  limitConnections(server, log);
  const connections = new Connections(server);
  const url = await listenOn(server, port, host, log);

  return {
    url,
    async drain(timeoutMs) {
      const deadline = setTimeout(
        () => server.closeAllConnections(),
        timeoutMs - Math.max(ENDING_MS, timeoutMs * ENDING_SHARE),
      );
      await sleep(LEAVE_TAKING_MS);
      await connections.quiet(timeoutMs * QUIET_SHARE);
      // This also ends the connections that are idle.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // For node:http, one is not idle before its first request.
      const unused = setTimeout(() => connections.closeUnused(), FIRST_BYTE_MS);
      // A connection that is kept alive falls idle when its answer was sent, some time after the close.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_INTERVAL_MS);
      await closed;
      clearInterval(sweep);
      clearTimeout(unused);
      clearTimeout(deadline);
    },
  };
}
