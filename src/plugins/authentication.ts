import type { Authenticate } from '../auth/authenticate.ts';
import type { GatewayPlugin } from '../context.ts';

/** Finds out on whose behalf a request acts, before anything of its body is read: 401 precedes 400 on both doors. */
export function useAuthentication(authenticate: Authenticate): GatewayPlugin {
  return {
    async onRequestParse({ request, serverContext }) {
      serverContext.viewer = await authenticate(request.headers);
    },
  };
}
