import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { MARK } from '../auth/key-text.ts';
import { isTokenText } from '../auth/token-text.ts';
import { GatewayError } from '../errors.ts';

/** What is known of a request before anything of it is judged. */
export interface Arrival {
  /** The client's x-request-id, or one made for it; stands in the answer and in every log line. */
  readonly requestId: string;
  readonly method: string;
  /** Path of the request's URL, without the query, which may hold what no log should. */
  readonly path: string;
  /** What follows the path's `?`, undecoded; empty without one. */
  readonly query: string;
  /** When the request arrived, in milliseconds of `performance.now()`. */
  readonly arrivedAt: number;
  /** The trace that the request belongs to, where traces are recorded. */
  traceId?: string;
}

// The words of the headers that a key is sent in, also of those that are not written as they must be.
function wordsOf(headers: IncomingHttpHeaders): string[] {
  const text = `${headers['x-api-key'] ?? ''} ${headers.authorization ?? ''}`;
  return [/[^\s,]+/g, /[^\s,;:="']+/g].flatMap((words) => text.match(words) ?? []);
}

/** The request ids that a client may choose: those that fit into a log line. */
export const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;

/** The client's own request id where it is one that fits into a log line and holds no key, else a new one. */
function requestIdOf(headers: IncomingHttpHeaders, isKey: (text: string) => boolean): string {
  const given = headers['x-request-id'];
  if (typeof given !== 'string' || !REQUEST_ID.test(given)) return randomUUID();
  if (given.includes(MARK) || isTokenText(given) || isKey(given)) return randomUUID();
  return wordsOf(headers).some((word) => given.includes(word)) ? randomUUID() : given;
}

/** Looks at a request as it comes in, with what is known of keys without asking. */
export function arrivalOf(
  { method = '', url = '', headers }: IncomingMessage,
  isKey: (text: string) => boolean,
): Arrival {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return {
    requestId: requestIdOf(headers, isKey),
    method,
    path,
    query: mark < 0 ? '' : url.slice(mark + 1),
    arrivedAt: performance.now(),
  };
}

// The letters of a host's name or address, and of a port, as RFC 3986 has them.
const HOST = /^[\w.~!$&'()*+;=%:[\]-]*$/;

/** What is wrong with a request whose Host and path do not make a URL, or would make another one than they seem to. */
export function faultOfUrl({ headers, url = '', httpVersion }: IncomingMessage): GatewayError | undefined {
  const { host = '' } = headers;
  const isNamed = headers.host !== undefined || httpVersion === '1.0';
  const isWhole = url.startsWith('/') && URL.canParse(`http://${host || 'localhost'}${url}`);
  if (isNamed && isWhole && HOST.test(host)) return undefined;
  return new GatewayError('BAD_REQUEST', 'The Host header or the path is malformed');
}
