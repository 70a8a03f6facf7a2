import { connect, type Socket } from 'node:net';
import type { Asker } from './engines.ts';

/** What came back for one ticket that was asked for. */
export interface FloodAnswer {
  readonly idempotencyKey: string;
  /** Undefined when the connection ended first. */
  readonly status: number | undefined;
  /** Id of the ticket that was acknowledged. */
  readonly ticketId: string | undefined;
  /** Whether the queue had no room for it, or the rate limit no ticket. */
  readonly isRefused: boolean;
  /** Whether it told when to come again. */
  readonly hasRetryAfter: boolean;
  readonly milliseconds: number;
}

/** What a request consists of, before and behind its idempotency key. */
function partsOf({ key, customerId }: Asker): readonly [string, string] {
  const body = JSON.stringify({ customerId, Channel: 'Mail', isOpenedTicket: true });
  const head = ['POST /api/v1/tickets HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/json'];
  const before = [...head, `X-Api-Key: ${key}`, 'Idempotency-Key: '];
  return [before.join('\r\n'), ['', `Content-Length: ${body.length}`, '', body].join('\r\n')];
}

const REFUSAL = /"error":"Too many (requests are under way|tickets)/;

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  return end >= 0 && text.length >= end + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1]);
}

/** One connection that asks for a ticket at a time, with as little work as can be, so that the gateway is what is measured. */
export class FloodConnection {
  readonly #socket: Socket;
  readonly #parts: readonly [string, string];
  #text = '';
  #finish: () => void = () => {};

  private constructor(socket: Socket, asker: Asker) {
    this.#socket = socket;
    this.#parts = partsOf(asker);
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#text += chunk;
      if (isWhole(this.#text)) this.#finish();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#finish());
  }

  /** Connects to a port of the loopback address, to ask on behalf of somebody. */
  static open(port: number, asker: Asker): Promise<FloodConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new FloodConnection(socket, asker)));
      socket.once('error', reject);
    });
  }

  /** Asks for a ticket under a key and waits for what comes back. */
  ask(idempotencyKey: string): Promise<FloodAnswer> {
    const sentAt = performance.now();
    return new Promise((resolve) => {
      this.#finish = () => {
        const text = this.#text;
        this.#text = '';
        const isAnswer = isWhole(text);
        resolve({
          idempotencyKey,
          status: isAnswer ? Number(text.slice(9, 12)) : undefined,
          ticketId: isAnswer ? /"ticket":\{"id":"(\d+)"/.exec(text)?.[1] : undefined,
          isRefused: REFUSAL.test(text),
          hasRetryAfter: /retry-after: [1-9]/i.test(text),
          milliseconds: performance.now() - sentAt,
        });
      };
      this.#socket.write(this.#parts.join(idempotencyKey));
    });
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.destroy();
  }
}
