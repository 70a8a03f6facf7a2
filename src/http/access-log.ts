import type { ServerResponse } from 'node:http';
import type { Viewer } from '../auth/viewer.ts';
import type { ErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
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
  const ofProbe = isProbe(request.path);
  log[ofProbe ? 'debug' : 'info'](
    {
      requestId: request.requestId,
      traceId: request.traceId,
      door,
      method: request.method,
      path: ofProbe || door !== undefined ? request.path : undefined,
      status: statusCode,
      code: request.errorCode,
      clientGone: destroyed || undefined,
      milliseconds: Number((performance.now() - request.arrivedAt).toFixed(1)),
      shop: request.viewer?.shop.domain,
      apiKeyId: request.viewer?.apiKeyId,
    },
    'request',
  );
}
