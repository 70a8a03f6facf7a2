import type { Authenticate } from '../auth/authenticate.ts';
import type { GatewayPlugin } from '../context.ts';
import type { Connection } from '../limits/client-address.ts';
import type { Meter } from '../limits/rate-limit.ts';
import { within } from './deadline.ts';

// What node:http's requests bring; others come over no connection.
interface ServerContext {
  readonly req?: { readonly socket: Connection };
}

/**
 * Finds out on whose behalf a request acts, and what it may take, before anything of its body is read: 401
 * precedes 400 on both doors. A key that cannot be looked up in so many milliseconds is 503.
 */
export function useAuthentication(
  authenticate: Authenticate,
  meter: Meter,
  milliseconds: number,
): GatewayPlugin {
  return {
    async onRequestParse({ request, serverContext }) {
      const { req } = serverContext as ServerContext;
      const viewer = await within(milliseconds, authenticate(request.headers, req?.socket));
      serverContext.viewer = viewer;
      serverContext.allowance = meter.allowanceOf(viewer);
    },
  };
}
