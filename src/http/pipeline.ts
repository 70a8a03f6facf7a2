import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { refusalOf } from './refusal.ts';

// Requests that a connection may send ahead of the answer that it waits for,
const MOST_AHEAD = 250;
// what they may take of the memory, which is more than as many usual ones take,
const MOST_BYTES_AHEAD = 2_097_152;
// and what those of all connections may.
const MOST_BYTES_AHEAD_IN_ALL = 67_108_864;

/** Lines that the headers of a request may have: many short ones take more of the memory than their letters. */
export const MOST_HEADERS = 200;

// What Node.js keeps of a request, and of each name and value of its headers beside their letters.
const REQUEST_BYTES = 2_048;
const TEXT_BYTES = 48;

function bytesOf({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + TEXT_BYTES + text.length, REQUEST_BYTES);
}

/** Answers a request, as a listener for node:http. */
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What it takes of the memory while it waits. */
  readonly bytes: number;
}

/** What came over a connection and is not answered yet. */
interface Line {
  /** What is being answered, and those that wait behind it. */
  readonly exchanges: Exchange[];
  /** What those that wait take of the memory. */
  bytes: number;
  /** What came behind them was no HTTP, and has this for its answer. */
  refusal?: string;
}

const end = (connection: Duplex, refusal: string) => connection.end(refusal, () => connection.destroy());

/**
 * Has the requests of a connection answered one after another; a client that sends more ahead than is kept loses its
 * connection. Between two of them others have their turn. What is no HTTP, or took too long to come,
 * is refused in its place, behind the answers to what came before it.
 */
export class Pipeline {
  readonly #answer: Listener;
  readonly #lines = new WeakMap<Duplex, Line>();
  #bytes = 0;

  constructor(answer: Listener) {
    this.#answer = answer;
  }

  /** For node:http's requests. */
  readonly serve: Listener = (request, response) => {
    const { socket } = request;
    const line = this.#lines.get(socket) ?? this.#open(socket);
    // Behind what is refused nothing is answered.
    if (line.refusal !== undefined) return;
    if (request.rawHeaders.length > 2 * MOST_HEADERS) {
      return this.refuse(
        Object.assign(new Error('Too many headers'), { code: 'HPE_HEADER_OVERFLOW' }),
        socket,
      );
    }
    const ahead = line.exchanges.length;
    const bytes = ahead === 0 ? 0 : bytesOf(request);
    line.exchanges.push({ request, response, bytes });
    this.#hold(line, bytes);
    if (ahead === 0) this.#begin(line);
    else if (ahead > MOST_AHEAD || this.#isTooMuch(line)) socket.destroy();
  };

  /** For what node:http cannot read as a request, or should not have. */
  readonly refuse = (error: NodeJS.ErrnoException, connection: Duplex): void => {
    const line = this.#lines.get(connection);
    const exchanges = line?.exchanges ?? [];
    const last = exchanges.at(-1);
    // The fault is in the last request itself, or behind it.
    const ahead = exchanges.length - (last && !last.request.complete ? 1 : 0);
    if (line && ahead > 0) {
      for (const { bytes } of exchanges.splice(ahead)) this.#hold(line, -bytes);
      line.refusal ??= refusalOf(error);
    } else if (connection.writable && !last?.response.headersSent) {
      end(connection, refusalOf(error));
    } else {
      connection.destroy();
    }
  };

  #open(connection: Duplex): Line {
    const line: Line = { exchanges: [], bytes: 0 };
    this.#lines.set(connection, line);
    connection.once('close', () => this.#hold(line, -line.bytes));
    return line;
  }

  // The first of the line.
  #begin(line: Line): void {
    const [exchange] = line.exchanges;
    // One that is to be closed takes no more answers.
    if (exchange === undefined || !exchange.request.socket.writable) return;
    const { request, response, bytes } = exchange;
    this.#hold(line, -bytes);
    // Of what comes with a request to upgrade, and behind it, Node.js drops a part that nobody can tell.
    if (request.headers.upgrade !== undefined) response.setHeader('connection', 'close');
    response.once('close', () => this.#goOn(line, request.socket));
    this.#answer(request, response);
  }

  #goOn(line: Line, connection: Duplex): void {
    line.exchanges.shift();
    if (line.exchanges.length === 0) {
      if (line.refusal !== undefined) end(connection, line.refusal);
      return;
    }
    setImmediate(() => this.#begin(line));
  }

  #hold(line: Line, bytes: number): void {
    line.bytes += bytes;
    this.#bytes += bytes;
  }

  #isTooMuch({ bytes }: Line): boolean {
    return bytes > MOST_BYTES_AHEAD || this.#bytes > MOST_BYTES_AHEAD_IN_ALL;
  }
}
