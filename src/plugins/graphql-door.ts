import { processRegularResult } from 'graphql-yoga';
import type { GatewayPlugin } from '../context.ts';

// application/json only for a client that asks for it and does not know the newer type: with the older one,
// a document that does not fit the schema is answered with 200.
function mediaTypeFor(accept: string): string {
  const asksForJson = /application\/json/i.test(accept);
  const knowsNewerType = accept.toLowerCase().includes('application/graphql-response+json');
  return asksForJson && !knowsNewerType ? 'application/json' : 'application/graphql-response+json';
}

/**
 * Renders the GraphQL door's results as JSON whatever the client accepts: Yoga on its own would first create
 * the ticket and then answer 406.
 */
export function useGraphQLDoor(): GatewayPlugin {
  return {
    onResultProcess({ request, serverContext, setResultProcessor }) {
      if (serverContext.door !== 'graphql') return;
      setResultProcessor(processRegularResult, mediaTypeFor(request.headers.get('accept') ?? ''));
    },
  };
}
