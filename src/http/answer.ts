import type { ServerResponse } from 'node:http';

// The status of an answer that has no body, nor tells a length of it.
const NO_CONTENT = 204;

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
  headers: AnswerHeaders = {},
  mediaType = 'application/json',
): Answer => ({
  status,
  headers: { 'content-type': `${mediaType}; charset=utf-8`, ...headers },
  body: JSON.stringify(value),
});

/** Sends an answer, with more headers that it does not know of. */
export function send(response: ServerResponse, { status, headers, body }: Answer, more: AnswerHeaders): void {
  const all: Record<string, string | number> = { ...headers, ...more };
  if (status !== NO_CONTENT) all['content-length'] = Buffer.byteLength(body);
  response.writeHead(status, all);
  response.end(body);
}
