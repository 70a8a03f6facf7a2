import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { securityHeaders } from './security-headers.ts';

// Requests that a connection may send ahead of the answer that it waits for. Node.js keeps some four kilobytes of each.
const MOST_AHEAD = 250;

/** Answers a request, as a listener for node:http. */
type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What came over a connection and is not answered yet. */
interface Line {
  /** What is being answered, and those that wait behind it. */
  readonly exchanges: Exchange[];
  /** What came behind them was no HTTP, and has this for its answer. */
  refusal?: string;
}

const statusOf: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

function refusalOf({ code = '' }: NodeJS.ErrnoException): string {
  const status = statusOf[code] ?? 400;
  const fixed = Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`);
  const lines = ['connection: close', 'content-length: 0', ...fixed];
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n`;
}

const end = (connection: Duplex, refusal: string) => connection.end(refusal, () => connection.destroy());

/**
 * Has the requests of a connection answered one after another, however many a client sends ahead; one that sends more
 * than some loses its connection. Between two of them others have their turn. What is no HTTP, or took too long to come,
 * is refused in its place, behind the answers to what came before it.
 */
export class Pipeline {
  readonly #answer: Listener;
  readonly #lines = new WeakMap<Duplex, Line>();

  constructor(answer: Listener) {
    this.#answer = answer;
  }

  /** For node:http's requests. */
  readonly serve: Listener = (request, response) => {
    const { socket } = request;
    let line = this.#lines.get(socket);
    if (line === undefined) {
      line = { exchanges: [] };
      this.#lines.set(socket, line);
    }
    const ahead = line.exchanges.push({ request, response }) - 1;
    if (ahead === 0) this.#begin(line);
    else if (ahead > MOST_AHEAD) socket.destroy();
  };

  /** For what node:http cannot read as a request. */
  readonly refuse = (error: NodeJS.ErrnoException, connection: Duplex): void => {
    const line = this.#lines.get(connection);
    const exchanges = line?.exchanges ?? [];
    const last = exchanges.at(-1);
    // The fault is in the last request itself, or behind it.
    const ahead = exchanges.length - (last && !last.request.complete ? 1 : 0);
    if (line && ahead > 0) {
      exchanges.length = ahead;
      line.refusal ??= refusalOf(error);
    } else if (connection.writable && !last?.response.headersSent) {
      end(connection, refusalOf(error));
    } else {
      connection.destroy();
    }
  };

  // The first of the line.
  #begin(line: Line): void {
    const [exchange] = line.exchanges;
    if (exchange === undefined) return;
    const { request, response } = exchange;
    response.once('close', () => this.#goOn(line, request.socket));
    this.#answer(request, response);
  }

  #goOn(line: Line, connection: Duplex): void {
    line.exchanges.shift();
    if (line.exchanges.length === 0) {
      if (line.refusal !== undefined) end(connection, line.refusal);
      return;
    }
    // One that is to be closed takes no more answers.
    setImmediate(() => connection.writable && this.#begin(line));
  }
}
