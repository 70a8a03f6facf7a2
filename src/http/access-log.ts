import type { ServerResponse } from 'node:http';
import type { Viewer } from '../auth/viewer.ts';
import type { ErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Arrival } from './arrival.ts';
import type { Place } from './place.ts';

const doors: readonly Place[] = ['graphql', 'rest'];

/** What the log wants to know of a request. */
export interface LoggedRequest extends Arrival {
  readonly viewer?: Viewer;
  readonly errorCode?: ErrorCode;
}

/**
 * Writes one line for a request that is answered. Of what the request holds, only its path is in it, and that
 * only where the gateway serves something: to any other, a client may have pasted its key.
 */
export function logAccess(
  log: Logger,
  place: Place,
  request: LoggedRequest,
  { statusCode, destroyed }: ServerResponse,
): void {
  const { viewer } = request;
  log[place === 'probe' ? 'debug' : 'info'](
    {
      requestId: request.requestId,
      traceId: request.traceId,
      door: doors.find((door) => door === place),
      method: request.method,
      path: place === 'none' ? undefined : request.path,
      status: statusCode,
      code: request.errorCode,
      clientGone: destroyed || undefined,
      milliseconds: Number((performance.now() - request.arrivedAt).toFixed(1)),
      shop: viewer?.shop.domain,
      apiKeyId: viewer?.apiKeyId,
      subject: viewer?.subject,
      agentId: viewer?.agentId,
    },
    'request',
  );
}
