import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import type { RequestContext } from './context.ts';
import { logAccess } from './http/access-log.ts';
import { type Answer, type AnswerHeaders, send } from './http/answer.ts';
import type { Arrival } from './http/arrival.ts';
import { discardRest } from './http/body.ts';
import type { Cors } from './http/cors.ts';
import type { Door } from './http/door.ts';
import { placeOf } from './http/place.ts';
import { securityHeaders } from './http/security-headers.ts';
import { clientNetwork } from './limits/client-address.ts';
import type { FailureLimit } from './limits/failure-limit.ts';
import { Pace } from './limits/pace.ts';
import { failureHeaders, ticketHeaders } from './limits/rate-limit-headers.ts';
import type { Logger } from './log.ts';
import type { Observer } from './telemetry/observer.ts';

/** What is asked about every answer. */
interface Surroundings {
  readonly cors: Cors | undefined;
  readonly observer: Observer | undefined;
  isDraining(): boolean;
  /** Where those stand who knock at a door with no good credential. */
  readonly failures: FailureLimit;
  readonly trustedProxies: BlockList;
}

/** Responds to a request that arrived, at the door if it was one, with what it is answered. */
export type Respond = (
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  arrival: Arrival & Partial<RequestContext>,
  door: Door | undefined,
) => Promise<void>;

const TOO_MANY_REQUESTS = 429;
// Who is past his rate limit is to come again later anyway.
const RATE_LIMITED_LATE_AFTER_MS = 1_000;

const none: AnswerHeaders = {};

/** Makes what all answers have in common: the headers that they get, their pace, and a line of the log. */
export function createRespond(
  { cors, observer, isDraining, failures, trustedProxies }: Surroundings,
  log: Logger,
): Respond {
  // Many who ask again as soon as they were refused could keep the process from what it has taken on.
  const failed = new Pace();
  const rateLimited = new Pace(RATE_LIMITED_LATE_AFTER_MS);

  // A connection that is kept alive could only be ended between two requests, and so reset one on its way.
  const connectionHeaders = (): AnswerHeaders => (isDraining() ? { connection: 'close' } : none);

  // A page that stands at a door is no answer of it.
  function strangerHeaders({ socket, headers }: IncomingMessage, { status }: Answer, door: Door | undefined) {
    if (!door || status < 400) return none;
    return failureHeaders(failures, clientNetwork(socket, headers, trustedProxies));
  }

  return async (request, response, answer, arrival, door) => {
    if (answer.status >= 400) {
      await (answer.status === TOO_MANY_REQUESTS ? rateLimited : failed).turn(arrival.viewer?.shop.id);
    }
    const { requestId, viewer, allowance, quota } = arrival;
    const limits =
      viewer && allowance
        ? ticketHeaders(viewer, quota ?? (await allowance.look()))
        : strangerHeaders(request, answer, door);
    send(
      response,
      answer,
      { 'x-request-id': requestId },
      securityHeaders,
      limits,
      cors?.headersFor(request.headers) ?? none,
      connectionHeaders(),
    );
    discardRest(request);
    const place = placeOf(arrival.path, door);
    logAccess(log, place, arrival, response);
    observer?.answered({
      door: place,
      status: response.statusCode,
      code: arrival.errorCode,
      milliseconds: performance.now() - arrival.arrivedAt,
    });
  };
}
