import { connect } from 'node:net';

/** What a load did to a server. */
export interface LoadResult {
  /** How long each good answer took, in milliseconds, sorted. */
  readonly latencies: Float64Array;
  readonly seconds: number;
  /** How many answers were no good ones. */
  readonly failures: number;
  readonly firstFailure: string | undefined;
}

/** Requests as they go over the wire, and how a good answer is recognised. */
export interface Target {
  readonly port: number;
  readonly requests: readonly Buffer[];
  /** What the first line of a good answer starts with. */
  readonly status: string;
  /** What the body of a good answer holds. */
  readonly mark: string;
}

const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');

/** Where the answer in these bytes ends; -1 when it is not whole yet. */
function endOfAnswer(bytes: Buffer): number {
  const headers = bytes.indexOf(END_OF_HEADERS);
  if (headers < 0) return -1;
  const length = LENGTH.exec(bytes.toString('latin1', 0, headers));
  if (length === null) {
    const end = bytes.indexOf(LAST_CHUNK, headers);
    return end < 0 ? -1 : end + LAST_CHUNK.length;
  }
  const end = headers + END_OF_HEADERS.length + Number(length[1]);
  return end <= bytes.length ? end : -1;
}

/**
 * Keeps so many connections busy, each with one request at a time, for so many seconds. Plain sockets and
 * requests made beforehand: a ready-made client costs more than some of the servers that it is to measure.
 */
export async function load(target: Target, connections: number, seconds: number): Promise<LoadResult> {
  const { requests, status, mark } = target;
  const latencies: number[] = [];
  let next = 0;
  let failures = 0;
  let firstFailure: string | undefined;
  const start = performance.now();
  const end = start + seconds * 1000;

  const keepBusy = () =>
    new Promise<void>((resolve, reject) => {
      let received: Buffer = Buffer.alloc(0);
      let sentAt = 0;
      let over = false;
      const socket = connect(target.port, '127.0.0.1');
      socket.setNoDelay(true);
      const ask = () => {
        const request = requests[next % requests.length];
        next += 1;
        sentAt = performance.now();
        over = request === undefined || sentAt >= end;
        if (request === undefined || over) socket.destroy();
        else socket.write(request);
      };
      socket.on('connect', ask);
      socket.on('data', (bytes) => {
        received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
        const length = endOfAnswer(received);
        if (length < 0) return;
        const answer = received.toString('latin1', 0, length);
        received = received.subarray(length);
        if (answer.startsWith(status) && answer.includes(mark)) latencies.push(performance.now() - sentAt);
        else {
          failures += 1;
          firstFailure ??= answer;
        }
        ask();
      });
      socket.on('error', reject);
      socket.on('close', () => (over ? resolve() : reject(new Error('The server closed a connection'))));
    });

  await Promise.all(Array.from({ length: connections }, keepBusy));
  const passed = (performance.now() - start) / 1000;
  return {
    latencies: Float64Array.from(latencies).sort(),
    seconds: passed,
    failures,
    firstFailure,
  };
}
