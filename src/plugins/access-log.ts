import type { GatewayPlugin } from '../context.ts';
import type { Logger } from '../log.ts';

/** Writes one line for every request that was answered. Of what the request holds, only its path is in it. */
export function useAccessLog(log: Logger): GatewayPlugin {
  return {
    onResponse({ request, response, serverContext }) {
      const { requestId, path, door, viewer, errorCode, arrivedAt } = serverContext;
      log[door ? 'info' : 'debug'](
        {
          requestId,
          door,
          method: request.method,
          path,
          status: response.status,
          code: errorCode,
          clientGone: request.signal.aborted || undefined,
          milliseconds: Number((performance.now() - arrivedAt).toFixed(1)),
          shop: viewer?.shop.domain,
          apiKeyId: viewer?.apiKeyId,
        },
        'request',
      );
    },
  };
}
