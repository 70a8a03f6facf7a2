import type { ServerResponse } from 'node:http';
import type { Viewer } from '../auth/viewer.ts';
import type { ErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import { isReferencePath } from '../reference/reference.ts';
import type { Arrival } from './arrival.ts';
import { isProbe } from './probes.ts';

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
  door: string | undefined,
  request: LoggedRequest,
  { statusCode, destroyed }: ServerResponse,
): void {
  const { viewer } = request;
  const ofProbe = isProbe(request.path);
  const isServed = ofProbe || door !== undefined || isReferencePath(request.path);
  log[ofProbe ? 'debug' : 'info'](
    {
      requestId: request.requestId,
      traceId: request.traceId,
      door,
      method: request.method,
      path: isServed ? request.path : undefined,
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
