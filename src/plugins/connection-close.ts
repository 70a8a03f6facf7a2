import type { GatewayPlugin } from '../context.ts';

/**
 * Asks clients to end their connections while the process is about to end. A connection that is kept alive
 * could otherwise only be ended between two requests, and so reset one that is on its way.
 */
export function useConnectionClose(isDraining: () => boolean): GatewayPlugin {
  return {
    onResponse({ response }) {
      if (isDraining()) response.headers.set('connection', 'close');
    },
  };
}
