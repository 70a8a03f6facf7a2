import type { FetchAPI } from 'graphql-yoga';
import type { GatewayPlugin } from '../context.ts';
import type { Database } from '../db/database.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { showError } from '../rest/encoding.ts';
import { within } from './deadline.ts';

function unavailable(message: string, requestId: string, { Response }: FetchAPI) {
  const error = new GatewayError('UNAVAILABLE', message, { 'retry-after': '5' });
  return Response.json(showError(error, requestId), { status: error.status, headers: error.headers });
}

/** What the probes look at. */
export interface ProbedState {
  readonly database: Database;
  /** Milliseconds that the database is given to answer. */
  readonly patience: number;
  /** Whether the process is about to end. */
  readonly isDraining: () => boolean;
}

/**
 * `/health`: the process answers. `/ready`: the database does too, and the process is not about to end; else
 * 503. No key needed; exact paths.
 */
export function useProbes({ database, patience, isDraining }: ProbedState, log: Logger): GatewayPlugin {
  return {
    async onRequest({ serverContext: { path, requestId }, endResponse, fetchAPI }) {
      if (path === '/health') return endResponse(fetchAPI.Response.json({ status: 'ok' }));
      if (path !== '/ready') return;
      if (isDraining()) return endResponse(unavailable('The gateway is about to stop', requestId, fetchAPI));
      try {
        await within(patience, database.sql.query({ name: 'probe', text: 'SELECT 1' }, []));
        endResponse(fetchAPI.Response.json({ status: 'ready' }));
      } catch (err) {
        log.warn({ err, requestId }, 'the database does not answer');
        endResponse(unavailable('The database does not answer', requestId, fetchAPI));
      }
    },
  };
}
