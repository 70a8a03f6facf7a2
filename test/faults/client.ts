import { Agent, request } from 'node:http';

// Longer than any answer may take, so that one which never comes is told from one which is late.
const PATIENCE_MS = 20_000;

/** What came back: the status and the body, or undefined and why nothing did. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  /** The answer's text; the reason when there is no answer. */
  readonly text: string;
  readonly sentAt: number;
  readonly milliseconds: number;
}

/** A client with one connection, which it keeps alive. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a POST when there is a body, else a GET. Never fails. */
  send(path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    const sentAt = performance.now();
    return new Promise((resolve) => {
      const finish = (status: number | undefined, text: string, received: Answer['headers'] = {}) =>
        resolve({ status, headers: received, text, sentAt, milliseconds: performance.now() - sentAt });
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          path,
          agent: this.#agent,
          method: body === undefined ? 'GET' : 'POST',
          headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
          timeout: PATIENCE_MS,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.once('end', () => finish(response.statusCode, text, response.headers));
          response.once('error', (error) => finish(undefined, error.message));
        },
      );
      sent.once('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
      sent.once('error', (error) => finish(undefined, error.message));
      sent.end(body);
    });
  }

  /** Ends the connection. */
  close(): void {
    this.#agent.destroy();
  }
}
