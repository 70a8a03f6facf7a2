import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestContext } from './context.ts';
import type { Database } from './db/database.ts';
import { GatewayError } from './errors.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { createParts } from './gateway-parts.ts';
import { type Answer, LONG_ANSWER_BYTES } from './http/answer.ts';
import { type Arrival, arrivalOf, faultOfUrl } from './http/arrival.ts';
import { type Door, faultOfMethod } from './http/door.ts';
import { placeOf } from './http/place.ts';
import { within } from './limits/deadline.ts';
import { Holding } from './limits/held-bytes.ts';
import { TextBudget } from './limits/text-budget.ts';
import type { Logger } from './log.ts';
import { restDoor } from './rest/door.ts';
import { tell } from './telling.ts';

/** Answers every request that arrives, as a listener for node:http. */
export type Gateway = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

// So long after its arrival what is known of a request's credential is not believed any more.
const STALE_AFTER_MS = 250;

/** Makes the gateway on an open, migrated database, which stays the caller's to close. */
export function createGateway(database: Database, log: Logger, options: GatewayOptions): Gateway {
  const { tracing } = options;
  const parts = createParts(database, log, options);
  const { doors, shared, admission, meter, stageDeadline, answerOpenly, identify, respond, isKey } = parts;

  /** What a request meets, in this order. */
  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    arrival: Arrival,
    door: Door | undefined,
  ): Promise<Answer> {
    const badUrl = faultOfUrl(request);
    const page = badUrl === undefined ? answerOpenly(request, arrival, door) : undefined;
    if (page !== undefined) return page;
    if (door === undefined) throw badUrl ?? new GatewayError('NOT_FOUND', 'Not found');
    const fault = badUrl ?? faultOfMethod(door, arrival.method);
    const viewer = await identify(request, fault);
    const shopId = viewer.shop.id;
    const context: RequestContext = Object.assign(arrival, shared, {
      viewer,
      allowance: meter.allowanceOf(viewer),
      holding: new Holding(shared.held, shopId, response),
      until: Number.POSITIVE_INFINITY,
      ticketTexts: TextBudget.forTickets(),
      shownTexts: TextBudget.forAnswer(),
    });
    if (fault !== undefined) throw fault;
    // Before anything of it is read, because what is too much must cost little.
    if (!admission.hasRoom(shopId)) return await admission.refuse();
    shared.held.requireRoom(shopId);
    const operation = await door.read(request, context);
    // Who sends slowly may have lost the credential meanwhile; one that is still good is mostly remembered.
    if (performance.now() - arrival.arrivedAt > STALE_AFTER_MS) await identify(request, fault);
    context.until = performance.now() + stageDeadline;
    try {
      const answered = await within(stageDeadline, admission.run(shopId, operation));
      const bytes = Buffer.byteLength(answered.body);
      if (bytes >= LONG_ANSWER_BYTES) context.holding.add(bytes);
      return answered;
    } finally {
      // Whatever the clock says, for a timer may be early.
      context.until = Number.NEGATIVE_INFINITY;
    }
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    arrival: Arrival & Partial<RequestContext>,
    door: Door | undefined,
  ): Promise<void> {
    let answered: Answer;
    try {
      answered = await answer(request, response, arrival, door);
    } catch (error) {
      answered = (door ?? restDoor).refuse(tell(error, arrival, log), arrival.requestId, request.headers);
    }
    try {
      await respond(request, response, answered, arrival, door);
    } catch (error) {
      tell(error, arrival, log);
      response.destroy();
    } finally {
      arrival.holding?.settle();
    }
  }

  return (request, response) => {
    const arrival: Arrival & Partial<RequestContext> = arrivalOf(request, isKey);
    const door = doors.get(arrival.path);
    if (tracing === undefined) return serve(request, response, arrival, door);
    const { method, path } = arrival;
    const place = placeOf(path, door);
    if (place === 'probe') return serve(request, response, arrival, door);
    const route = place === 'none' ? undefined : path;
    return tracing.request({ method, route, headers: request.headers }, async (traceId) => {
      arrival.traceId = traceId;
      await serve(request, response, arrival, door);
      return { status: response.statusCode, code: arrival.errorCode };
    });
  };
}
