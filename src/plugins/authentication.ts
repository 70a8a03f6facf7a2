import type { Authenticate } from '../auth/authenticate.ts';
import type { GatewayPlugin } from '../context.ts';
import { within } from './deadline.ts';

/**
 * Finds out on whose behalf a request acts, before anything of its body is read: 401 precedes 400 on both doors. A key that
 * cannot be looked up in so many milliseconds is 503.
 */
export function useAuthentication(authenticate: Authenticate, milliseconds: number): GatewayPlugin {
  return {
    async onRequestParse({ request, serverContext }) {
      serverContext.viewer = await within(milliseconds, authenticate(request.headers));
    },
  };
}
