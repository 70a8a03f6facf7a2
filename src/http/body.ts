import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { Holding } from '../limits/held-bytes.ts';
import { MAXIMUM_BODY_BYTES, MAXIMUM_BODY_VALUES } from './body-limits.ts';
import { countValues } from './json-values.ts';

// A body that is too large is read on for a while, so that a client that is still sending gets to see why
// it is refused; past this many bytes the connection is dropped.
const PATIENCE_BYTES = 8 * MAXIMUM_BODY_BYTES;

// A body may come in so many pieces and one more for so many bytes, for each costs time and memory, however short it is;
// then the connection is dropped.
const FREE_PIECES = 256;
const BYTES_OF_A_PIECE = 512;
const isTooManyPieces = (pieces: number, bytes: number) => pieces > FREE_PIECES + bytes / BYTES_OF_A_PIECE;

// What a piece takes of the memory beside its bytes.
const PIECE_BYTES = 400;

// What a value, as they are counted, may take of the memory once it is parsed; and the bytes of a body whose values are so
// few that they need not be counted.
const VALUE_BYTES = 175;
const UNCOUNTED_BYTES = 1_024;

// Fatal: a text in another encoding is refused, not stored with its letters replaced.
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

const tooLarge = (bytes: number) =>
  new GatewayError(
    'PAYLOAD_TOO_LARGE',
    `The body must have at most ${MAXIMUM_BODY_BYTES} bytes`,
    bytes > PATIENCE_BYTES ? { connection: 'close' } : {},
  );

// The client went away or was cut off: its fault, and nobody is left to be told.
const incomplete = () => new GatewayError('BAD_REQUEST', 'The body ended before it was complete');

// Bytes are counted as they arrive, so that the cap holds for a body that does not tell its length.
function readBytes(request: IncomingMessage, holding: Holding): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const told = Number(request.headers['content-length']);
    if (told > MAXIMUM_BODY_BYTES) return reject(tooLarge(told));
    // It said nothing to those who did not listen yet.
    if (request.destroyed) return reject(incomplete());
    const chunks: Buffer[] = [];
    let bytes = 0;
    const fail = (error: unknown) => {
      request.off('data', receive);
      // As long as the client does not go on, the request and its listeners stay.
      chunks.length = 0;
      reject(error);
    };
    const giveUp = () => {
      fail(new GatewayError('BAD_REQUEST', 'The body comes in too many pieces'));
      request.destroy();
    };
    const keep = (chunk: Buffer) => {
      try {
        holding.add(chunk.length + PIECE_BYTES);
        chunks.push(chunk);
      } catch (error) {
        fail(error);
      }
    };
    const receive = (chunk: Buffer) => {
      bytes += chunk.length;
      if (isTooManyPieces(chunks.length + 1, bytes)) giveUp();
      else if (bytes <= MAXIMUM_BODY_BYTES) keep(chunk);
      else if (bytes > PATIENCE_BYTES) fail(tooLarge(bytes));
    };
    request.on('data', receive);
    request.on('end', () => {
      if (bytes > MAXIMUM_BODY_BYTES) reject(tooLarge(bytes));
      else resolve(Buffer.concat(chunks));
    });
    request.on('error', () => reject(incomplete()));
  });
}

/**
 * Reads on, as long as a client is expected to send, what is left of a request that was answered before all of it was
 * there; a client that sends more loses its connection.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  let [bytes, pieces] = [0, 0];
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    pieces += 1;
    if (bytes > PATIENCE_BYTES || isTooManyPieces(pieces, bytes)) request.destroy();
  });
}

/** Reads a JSON object. Throws a SyntaxError when the text is anything else. */
export function parseObject(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new SyntaxError('not an object');
}

function requireJson(headers: IncomingHttpHeaders): void {
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must be sent as application/json');
  }
  const isPlain = /^(identity)?$/i.test(headers['content-encoding'] ?? '');
  if (isPlain && /^(chunked)?$/i.test(headers['transfer-encoding'] ?? '')) return;
  throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must not be compressed', {
    'accept-encoding': 'identity',
  });
}

function holdValues(bytes: Buffer, holding: Holding): void {
  const values = countValues(bytes, MAXIMUM_BODY_VALUES);
  if (values > MAXIMUM_BODY_VALUES) {
    throw new GatewayError('PAYLOAD_TOO_LARGE', `The body must have at most ${MAXIMUM_BODY_VALUES} values`);
  }
  holding.add(values * VALUE_BYTES);
}

/** Reads the JSON object in a request's body. Throws a 400, 413, 415 or 503 GatewayError. */
export async function readJsonBody(
  request: IncomingMessage,
  { viewer, holding, heavyWork }: RequestContext,
): Promise<JsonObject> {
  requireJson(request.headers);
  const bytes = await readBytes(request, holding);
  await heavyWork.turnForText(viewer.shop.id, bytes.length);
  if (holding.isClosed) throw incomplete();
  if (bytes.length > UNCOUNTED_BYTES) holdValues(bytes, holding);
  try {
    return parseObject(utf8.decode(bytes));
  } catch {
    throw new GatewayError('INVALID_JSON', 'The body must be a JSON object in UTF-8');
  }
}
