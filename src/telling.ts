import { isOutage } from './db/outage.ts';
import { type ErrorCode, GatewayError } from './errors.ts';
import type { Logger } from './log.ts';

/** The request that fails, as far as its failure concerns it. */
export interface FailingRequest {
  readonly requestId: string;
  /** The code of the first error that the client was told, for the log. */
  errorCode?: ErrorCode;
}

function tellable(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return isOutage(error)
    ? new GatewayError('UNAVAILABLE', 'The database does not answer', { 'retry-after': '5' })
    : new GatewayError('INTERNAL_SERVER_ERROR', 'Unexpected error');
}

/**
 * The one place where errors become what clients are told, for both doors: of an unexpected one never more
 * than that it happened. That one is logged whole, under the request's id, and so is an outage; what the gateway
 * refuses by itself is no more than a line of the access log.
 */
export function tell(error: unknown, request: FailingRequest, log: Logger): GatewayError {
  const told = tellable(error);
  const { requestId } = request;
  if (told.code === 'INTERNAL_SERVER_ERROR') log.error({ requestId, err: error }, 'unexpected error');
  if (told.code === 'UNAVAILABLE' && told !== error) log.warn({ requestId, err: error }, 'unavailable');
  request.errorCode ??= told.code;
  return told;
}
