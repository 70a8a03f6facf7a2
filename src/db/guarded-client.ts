import type { Duplex } from 'node:stream';
import pg from 'pg';
import { reasonOf } from '../operator-error.ts';

/** What a client reads, of which pg's types do not know. */
interface Reader {
  readonly connection: { attachListeners(stream: Duplex): void };
}

// pg reads what comes in a listener, where what it cannot read would end the process.
function endWhenDamaged(stream: Duplex): void {
  for (const read of stream.listeners('data')) {
    stream.off('data', read as (chunk: Buffer) => void);
    stream.on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch (cause) {
        const message = `Connection terminated, for what it brings cannot be read: ${reasonOf(cause)}`;
        stream.destroy(new Error(message, { cause }));
      }
    });
  }
}

/**
 * A connection to PostgreSQL that ends when it brings what is none of its protocol, or asks for a way to log in that pg does
 * not know.
 */
export class GuardedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const { connection } = this as unknown as Reader;
    const attach = connection.attachListeners.bind(connection);
    connection.attachListeners = (stream) => {
      attach(stream);
      endWhenDamaged(stream);
    };
  }
}
