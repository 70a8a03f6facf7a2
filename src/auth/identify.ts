import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import { within } from '../limits/deadline.ts';
import { step, type Tracing } from '../telemetry/tracing.ts';
import type { Authenticate } from './authenticate.ts';
import type { Viewer } from './viewer.ts';

/**
 * Tells on whose behalf a request acts, in time, or throws a GatewayError. Also for a request that has a fault of its
 * own, because whoever has a good credential is told with every answer where it stands; without one, the fault is told.
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
      throw error instanceof GatewayError ? (fault ?? error) : error;
    }
  };
}
