import type { ServerResponse } from 'node:http';

// The status of an answer that has no body, nor tells a length of it.
const NO_CONTENT = 204;

/** An answer of so many bytes may have to wait for its client to take it. */
export const LONG_ANSWER_BYTES = 16_384;

/** Header lines of an answer, by their names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string | Buffer;
}

/** Makes an answer of a value in JSON. */
export const jsonAnswer = (
  status: number,
  value: unknown,
  headers?: AnswerHeaders,
  mediaType = 'application/json',
): Answer => ({
  status,
  headers: { 'content-type': `${mediaType}; charset=utf-8`, ...headers },
  body: JSON.stringify(value),
});

/**
 * Sends an answer, with more headers that it does not know of; one that is in two of them is sent twice. As one list
 * of names and values, which is what node:http takes at the least cost: objects that are put together at run time
 * make V8 describe each of them anew. The body goes as bytes, because of a text node:http would make one with the head,
 * as wide as the widest letter in it.
 */
export function send(
  response: ServerResponse,
  { status, headers, body }: Answer,
  ...more: readonly AnswerHeaders[]
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const lines: (string | number)[] = status === NO_CONTENT ? [] : ['content-length', bytes.length];
  for (const group of [headers, ...more]) {
    for (const name in group) lines.push(name, group[name] ?? '');
  }
  response.writeHead(status, lines);
  if (bytes.length < LONG_ANSWER_BYTES) response.end(bytes);
  // node:http holds a connection for idle as soon as its answer is ended, and a drain would cut off what is not taken yet.
  else response.write(bytes, () => response.end());
}
