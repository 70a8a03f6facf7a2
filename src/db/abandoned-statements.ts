import { connect } from 'node:net';
import type pg from 'pg';
import { isServerError } from './outage.ts';

// By which PostgreSQL knows a request to cancel what a connection has under way.
const CANCEL_REQUEST = 80_877_102;

/** A connection, with what the server gave it to cancel its statements by, of which pg's types do not know. */
interface Cancellable extends Pick<pg.Client, 'host' | 'port'> {
  readonly processID: number;
  readonly secretKey: number;
}

function cancel({ host, port, processID, secretKey }: Cancellable, patience: number): void {
  const request = Buffer.alloc(16);
  for (const [index, number] of [request.length, CANCEL_REQUEST, processID, secretKey].entries()) {
    request.writeInt32BE(number, 4 * index);
  }
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  socket.setTimeout(patience, () => socket.destroy());
  // The server is away, and the statement with it.
  socket.on('error', () => {});
  socket.end(request);
}

/**
 * Has the server cancel each statement of the pool that is given up unanswered. Its own time-out does not end one that
 * is done but waits for a standby to have it, too, and which would keep its connection for as long.
 */
export function cancelAbandoned(pool: pg.Pool, patience: number): void {
  pool.on('release', (error, client) => {
    if (error && !isServerError(error)) cancel(client as unknown as Cancellable, patience);
  });
}
