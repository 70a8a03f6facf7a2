import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Answer, AnswerHeaders } from './answer.ts';
import type { Door } from './door.ts';

// Two hours, the most that Chromium remembers.
const MAX_AGE_SECONDS = 7_200;

// What the gateway reads of a request, and what tracing adds to it.
const requestHeaders = [
  'authorization',
  'content-type',
  'idempotency-key',
  'x-api-key',
  'x-request-id',
  'traceparent',
  'tracestate',
  'baggage',
].join(', ');

const answerHeaders = [
  'Idempotent-Replayed',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
].join(', ');

// What a page may send where no door is: enough to be shown a probe, or that nothing is there.
const methodsWithoutDoor: readonly string[] = ['GET', 'POST'];

// As browsers write it: a URL of a host can hold a `*`, which no origin does.
const isOrigin = (text: string): boolean =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;

/** Reads origins, separated by commas, each as browsers write it; undefined when one of them is none. */
export function readOrigins(text: string): ReadonlySet<string> | undefined {
  const origins = text.split(',').map((origin) => origin.trim());
  return origins.every(isOrigin) ? new Set(origins) : undefined;
}

/** What the pages of other origins may do: ask, and see every answer. */
export interface Cors {
  /** Answers a browser that asks whether a page may send a request; undefined when the request is no such question. */
  answerPreflight(request: IncomingMessage, door: Door | undefined): Answer | undefined;
  /** What an answer, whatever its status, tells the browser that shows it to a page. */
  headersFor(headers: IncomingHttpHeaders): AnswerHeaders;
}

/**
 * Lets the pages of these origins, and of no other, use the gateway. They send a credential of their own with each
 * request; cookies, which browsers add by themselves, are neither read nor allowed.
 */
export function createCors(origins: ReadonlySet<string>): Cors {
  // A cache must not show to one origin what was said to another, nor to any what was said to none.
  const forStrangers = { vary: 'Origin' };
  const forFriends = new Map(
    [...origins].map((origin) => [
      origin,
      {
        ...forStrangers,
        'access-control-allow-origin': origin,
        'access-control-expose-headers': answerHeaders,
      },
    ]),
  );
  const permit = (methods: readonly string[]): AnswerHeaders => ({
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': requestHeaders,
    'access-control-max-age': String(MAX_AGE_SECONDS),
  });

  return {
    answerPreflight({ method, headers }, door) {
      const { origin, 'access-control-request-method': wanted } = headers;
      if (method !== 'OPTIONS' || origin === undefined || wanted === undefined) return undefined;
      const permission = origins.has(origin) ? permit(door?.methods ?? methodsWithoutDoor) : {};
      return { status: 204, headers: permission, body: '' };
    },
    headersFor: ({ origin }) => (origin === undefined ? undefined : forFriends.get(origin)) ?? forStrangers,
  };
}
