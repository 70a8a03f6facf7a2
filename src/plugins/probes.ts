import type { GatewayPlugin } from '../context.ts';
import type { Database } from '../db/database.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { showError } from '../rest/encoding.ts';

/** `/health`: the process answers. `/ready`: the database does too, else 503. No key needed; exact paths. */
export function useProbes(database: Database, log: Logger): GatewayPlugin {
  return {
    async onRequest({ serverContext, endResponse, fetchAPI: { Response } }) {
      if (serverContext.path === '/health') endResponse(Response.json({ status: 'ok' }));
      if (serverContext.path !== '/ready') return;
      try {
        await database.sql.query({ name: 'probe', text: 'SELECT 1' }, []);
        endResponse(Response.json({ status: 'ready' }));
      } catch (err) {
        log.warn({ err, requestId: serverContext.requestId }, 'the database does not answer');
        const error = new GatewayError('UNAVAILABLE', 'The database does not answer', { 'retry-after': '5' });
        const { status, headers } = error;
        endResponse(Response.json(showError(error, serverContext.requestId), { status, headers }));
      }
    },
  };
}
