import type { IncomingMessage } from 'node:http';
import { isOutage } from '../db/outage.ts';
import { GatewayError } from '../errors.ts';
import { within } from '../limits/deadline.ts';
import { step, type Tracing } from '../telemetry/tracing.ts';
import type { Authenticate } from './authenticate.ts';
import type { Viewer } from './viewer.ts';

/**
 * Tells on whose behalf a request acts, in time, or throws a GatewayError, also a 503, or what the database fails with.
 * Also for a request that has a fault of its own, because whoever has a good credential is told with every answer where
 * it stands; where no credential is found to be good, the fault is told.
 */
export type Identify = (request: IncomingMessage, fault: GatewayError | undefined) => Promise<Viewer>;

/** Gives a check of credentials so many milliseconds, and a place in the request's trace. */
export function createIdentify(
  authenticate: Authenticate,
  patience: number,
  tracing: Tracing | undefined,
): Identify {
  return async function identify({ headers, socket }, fault) {
    try {
      const authenticated = step(tracing, 'authenticate', () => authenticate(headers, socket));
      return await within(patience, authenticated);
    } catch (error) {
      throw fault !== undefined && (error instanceof GatewayError || isOutage(error)) ? fault : error;
    }
  };
}
