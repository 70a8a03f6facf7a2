import type { GatewayPlugin } from '../context.ts';
import type { Logger } from '../log.ts';

// Asked every few seconds by whoever watches over the process.
const probes: readonly string[] = ['/health', '/ready'];

/**
 * Writes one line for every request that was answered. Of what the request holds, only its path is in it, and
 * that only where the gateway serves something: to any other, a client may have pasted its key.
 */
export function useAccessLog(log: Logger): GatewayPlugin {
  return {
    onResponse({ request, response, serverContext }) {
      const { requestId, path, door, viewer, errorCode, arrivedAt } = serverContext;
      const isProbe = probes.includes(path);
      log[isProbe ? 'debug' : 'info'](
        {
          requestId,
          door,
          method: request.method,
          path: isProbe || door !== undefined ? path : undefined,
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
