import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer that came over a socket, taken apart. */
export interface RawAnswer {
  readonly status: number;
  /** By their names in lower case; without Date. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A POST of JSON as it goes over a connection, with these header lines beside those that each has. */
export const postText = (path: string, body: string, headerLines: readonly string[]): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: gateway.test',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    ...headerLines,
    '',
    body,
  ].join('\r\n');

/** Opens a connection to a server, for what no well-behaved client sends. */
export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  await once(socket, 'connect');
  return socket;
}

/** Asks for a probe and waits for its answer. */
export async function askForHealth(socket: Socket): Promise<void> {
  socket.write('GET /health HTTP/1.1\r\nHost: gateway.test\r\n\r\n');
  await once(socket, 'data');
}

/** Opens connections that the server has accepted, so that what is sent over them at once is read at once. */
export function openAccepted(url: string, count: number): Promise<Socket[]> {
  const open = async () => {
    const socket = await openSocket(url);
    await askForHealth(socket);
    return socket;
  };
  return Promise.all(Array.from({ length: count }, open));
}

/**
 * Sends the texts, each over a connection of its own, so that they are read together. Returns what comes over each until it
 * is closed.
 */
export async function sendTogether(url: string, texts: readonly string[]): Promise<Promise<string>[]> {
  const sockets = await openAccepted(url, texts.length);
  return sockets.map((socket, index) => {
    socket.write(texts[index] ?? '');
    return readAll(socket);
  });
}

/** Waits until a server has read what was sent before: whoever connects then is answered later. */
export async function untilRead(url: string): Promise<void> {
  const socket = await openSocket(url);
  await askForHealth(socket);
  socket.destroy();
}

/** Everything that comes over a socket until it is closed, even when that is by a reset. */
export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

/** Sends a text as it is and reads what comes until the connection is closed. */
export async function exchange(url: string, text: string | Buffer): Promise<string> {
  const socket = await openSocket(url);
  socket.write(text);
  return readAll(socket);
}

/** Takes an answer apart. Its body must not be chunked. */
export function parseAnswer(text: string): RawAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name = '', value = ''] = line.split(/: (.*)/);
      return [name.toLowerCase(), value];
    }),
  );
  const { date, ...others } = headers;
  return { status: Number(statusLine.split(' ')[1]), headers: others, body };
}

/** An answer without a body, to what is no HTTP or took too long to come, after which the connection is closed. */
export const emptyAnswer = (status: string): string =>
  [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-length: 0',
    'x-content-type-options: nosniff',
    'referrer-policy: no-referrer',
    'cache-control: no-store',
    '\r\n',
  ].join('\r\n');
