import type { Plugin } from 'graphql-yoga';
import type { Viewer } from './auth/viewer.ts';
import type { Database } from './db/database.ts';
import type { ErrorCode } from './errors.ts';
import type { Allowance } from './limits/rate-limit.ts';
import type { Admission } from './tickets/admission.ts';

/** One of the two ways in: GraphQL at /graphql, or REST v1 at /api/v1/tickets. */
export type Door = 'graphql' | 'rest';

/**
 * What a request carries. Yoga hands one and the same object to every hook, to the operation and to the
 * resolvers; the plugins fill it in the order of src/gateway.ts.
 */
export interface RequestContext {
  /** The database that the gateway runs on. */
  database: Database;
  /** Bounds the tickets that are on their way to the database. */
  admission: Admission;
  /** The client's x-request-id, or one made for it; stands in the answer and in every log line. */
  requestId: string;
  /** Path of the request's URL, without the query, which may hold what no log should. */
  path: string;
  /** When the request arrived, in milliseconds of `performance.now()`. */
  arrivedAt: number;
  /** Which door the request came to; undefined for pages and probes. */
  door: Door | undefined;
  /** On whose behalf the request acts; set before anything of the body is read. */
  viewer: Viewer;
  /** What the request may take of the viewer's tickets. */
  allowance: Allowance;
  /** The code of the first error that the client was told, for the log. */
  errorCode?: ErrorCode;
}

/** One behaviour of the gateway, as a plugin of Yoga's. */
export type GatewayPlugin = Plugin<object, RequestContext>;
