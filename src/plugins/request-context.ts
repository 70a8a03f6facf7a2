import { randomUUID } from 'node:crypto';
import type { Door, GatewayPlugin, RequestContext } from '../context.ts';

const doors: Readonly<Record<string, Door>> = { '/graphql': 'graphql', '/api/v1/tickets': 'rest' };

/** The client's own request id where it is one that fits into a log line, else a new one. */
function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id');
  return given !== null && /^[\w.:/+=-]{1,128}$/.test(given) ? given : randomUUID();
}

/** What all requests share. */
export type SharedContext = Pick<RequestContext, 'database' | 'admission'>;

/** Gives every request what all share, its id, which the answer repeats in `x-request-id`, its path and its door. */
export function useRequestContext(shared: SharedContext): GatewayPlugin {
  return {
    onRequest({ request, url, serverContext }) {
      const path = url.pathname;
      Object.assign(serverContext, {
        ...shared,
        requestId: requestIdOf(request.headers),
        path,
        arrivedAt: performance.now(),
        door: doors[path],
      });
    },
    onResponse({ response, serverContext }) {
      response.headers.set('x-request-id', serverContext.requestId);
    },
  };
}
