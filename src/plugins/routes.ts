import type { Door, GatewayPlugin } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { showError } from '../rest/encoding.ts';

const methods: Readonly<Record<Door, readonly string[]>> = { graphql: ['GET', 'POST'], rest: ['POST'] };

/** Refuses what is at neither door with 404, and a method that the door does not take with 405. */
export function useRoutes(): GatewayPlugin {
  return {
    onRequest({ serverContext, endResponse, fetchAPI: { Response } }) {
      if (serverContext.door) return;
      const error = new GatewayError('NOT_FOUND', 'Not found');
      endResponse(Response.json(showError(error, serverContext.requestId), { status: error.status }));
    },
    onRequestParse({ request, serverContext: { door } }) {
      if (door === undefined || methods[door].includes(request.method)) return;
      const allow = methods[door].join(', ');
      throw new GatewayError('METHOD_NOT_ALLOWED', `Method not allowed; use ${allow}`, { allow });
    },
  };
}
