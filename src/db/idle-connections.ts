import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { isServerError } from './outage.ts';

/** A connection with its stream, of which pg's types do not know. */
interface Connected {
  readonly connection: { readonly stream: Duplex };
}

const streamOf = (client: pg.Client): Duplex => (client as unknown as Connected).connection.stream;

// The pool forgets it at once when it hears of an error, and else only when the system has closed it.
function endIdle(client: pg.Client): void {
  client.emit('error', new Error('Connection terminated, for another gave no answer'));
  streamOf(client).destroy();
}

/**
 * Ends a pool's connections that are idle when a statement gets no answer, for they may lead nowhere, too, although nobody
 * says so, and each would cost a time-out of its own.
 */
export function endIdleConnections(pool: pg.Pool): void {
  const idle = new Set<pg.Client>();
  pool.on('acquire', (client) => idle.delete(client));
  pool.on('remove', (client) => idle.delete(client));
  pool.on('release', (error, client) => {
    if (!error) idle.add(client);
    else if (!isServerError(error)) for (const other of idle) endIdle(other);
  });
}
