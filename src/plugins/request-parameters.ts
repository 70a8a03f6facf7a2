import type { GraphQLParams } from 'graphql-yoga';
import type { GatewayPlugin } from '../context.ts';
import { GatewayError } from '../errors.ts';

/** Most bytes that a request's body may have: 256 KiB. */
export const MAXIMUM_BODY_BYTES = 256 * 1024;

const isJson = (contentType: string | null) => /^application\/json *(;|$)/i.test(contentType ?? '');

// A body that is too large is read on for a while, so that a client that is still sending gets to see why
// it is refused; past this many bytes the connection is dropped.
const PATIENCE_BYTES = 16 * MAXIMUM_BODY_BYTES;

const tooLarge = (bytes: number) =>
  new GatewayError(
    'PAYLOAD_TOO_LARGE',
    `The body must have at most ${MAXIMUM_BODY_BYTES} bytes`,
    bytes > PATIENCE_BYTES ? { connection: 'close' } : {},
  );

// Bytes are counted as they arrive, so that the cap holds for a body that does not tell its length.
async function readBytes(request: Request): Promise<Buffer> {
  const told = Number(request.headers.get('content-length'));
  if (told > MAXIMUM_BODY_BYTES) throw tooLarge(told);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > PATIENCE_BYTES) break;
      if (bytes <= MAXIMUM_BODY_BYTES) chunks.push(chunk);
    }
  } catch {
    // The client went away, or took so long that it was cut off: its fault, and nobody is left to be told.
    throw new GatewayError('BAD_REQUEST', 'The body ended before it was complete');
  }
  if (bytes > MAXIMUM_BODY_BYTES) throw tooLarge(bytes);
  return Buffer.concat(chunks);
}

function parseObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('not an object');
  return value as Record<string, unknown>;
}

function requireJson(headers: Headers): void {
  if (!isJson(headers.get('content-type'))) {
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must be sent as application/json');
  }
  if (/^(identity)?$/i.test(headers.get('content-encoding') ?? '')) return;
  throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must not be compressed', {
    'accept-encoding': 'identity',
  });
}

async function readJsonBody(request: Request): Promise<Record<string, unknown>> {
  requireJson(request.headers);
  const bytes = await readBytes(request);
  try {
    // Fatal: a text in another encoding is refused, not stored with its letters replaced.
    return parseObject(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new GatewayError('INVALID_JSON', 'The body must be a JSON object in UTF-8');
  }
}

function readJsonParameter(parameters: URLSearchParams, name: string): Record<string, unknown> | undefined {
  const text = parameters.get(name);
  if (!text) return undefined;
  try {
    return parseObject(text);
  } catch {
    throw new GatewayError('BAD_USER_INPUT', `The parameter ${name} must be a JSON object`);
  }
}

function readQueryString(request: Request): GraphQLParams {
  const parameters = new URL(request.url).searchParams;
  return {
    query: parameters.get('query') ?? undefined,
    operationName: parameters.get('operationName') ?? undefined,
    variables: readJsonParameter(parameters, 'variables'),
    extensions: readJsonParameter(parameters, 'extensions'),
  };
}

/**
 * Reads what a request carries, for both doors: the JSON object in the body of a POST, or the query string
 * of a GET. Takes the place of Yoga's own parsers, which accept more types of body and set no useful limit.
 */
export function useRequestParameters(): GatewayPlugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      setRequestParser(request.method === 'POST' ? readJsonBody : readQueryString);
    },
  };
}
