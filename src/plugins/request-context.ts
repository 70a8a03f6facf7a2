import { randomUUID } from 'node:crypto';
import type { Door, GatewayPlugin, RequestContext } from '../context.ts';

const doors: Readonly<Record<string, Door>> = { '/graphql': 'graphql', '/api/v1/tickets': 'rest' };

// The mark of a key that was minted here, and the words of the headers that a key is sent in.
const MARK = /tgw_/;
const wordsOf = (headers: Headers): string[] =>
  `${headers.get('x-api-key') ?? ''} ${headers.get('authorization') ?? ''}`.match(/[^ ,]+/g) ?? [];

/** The client's own request id where it is one that fits into a log line and holds no key, else a new one. */
function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id');
  if (given === null || !/^[\w.:/+=-]{1,128}$/.test(given) || MARK.test(given)) return randomUUID();
  return wordsOf(headers).some((word) => given.includes(word)) ? randomUUID() : given;
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
