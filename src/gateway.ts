import type { BlockList } from 'node:net';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import { createAuthenticate } from './auth/authenticate.ts';
import { KnownKeys } from './auth/known-keys.ts';
import type { RequestContext } from './context.ts';
import type { Database } from './db/database.ts';
import { FailureLimit } from './limits/failure-limit.ts';
import { LocalMeter } from './limits/local-meter.ts';
import type { Clock, Meter, RateLimit } from './limits/rate-limit.ts';
import type { Logger } from './log.ts';
import { useAccessLog } from './plugins/access-log.ts';
import { useAuthentication } from './plugins/authentication.ts';
import { useConnectionClose } from './plugins/connection-close.ts';
import { useDeadline } from './plugins/deadline.ts';
import { createDocumentCaches } from './plugins/document-cache.ts';
import { type DocumentLimits, useDocumentLimits } from './plugins/document-limits.ts';
import { useErrors } from './plugins/errors.ts';
import { useExecution } from './plugins/execution.ts';
import { useGraphiQL } from './plugins/graphiql.ts';
import { useGraphQLDoor } from './plugins/graphql-door.ts';
import { useNoIntrospection } from './plugins/introspection.ts';
import { useProbes } from './plugins/probes.ts';
import { useRateLimitHeaders } from './plugins/rate-limit-headers.ts';
import { useRequestContext } from './plugins/request-context.ts';
import { useRequestParameters } from './plugins/request-parameters.ts';
import { useRoutes } from './plugins/routes.ts';
import { useSecurityHeaders } from './plugins/security-headers.ts';
import { useValidation } from './plugins/validation.ts';
import { useRestDoor } from './rest/door.ts';
import { schema } from './schema/index.ts';
import { Admission } from './tickets/admission.ts';

/** Everything a request meets, as a listener for node:http and as `fetch`. */
export type Gateway = YogaServerInstance<RequestContext, object>;

/** What can be set about a gateway; src/config.ts documents the environment variables behind it. */
export interface GatewayOptions {
  /** Milliseconds: half of it for authentication, half for the operation. */
  readonly requestDeadline: number;
  /** Most tickets on their way to the database, half of it for one shop. */
  readonly queueLimit: number;
  /** Whether the process is about to end; then `/ready` is 503 and every answer asks for the end of its connection. */
  readonly isDraining: () => boolean;
  /** How many tickets each API key may create, unless the key has a limit of its own. */
  readonly rateLimit: RateLimit;
  /** Most invalid API keys from one address in a minute. */
  readonly authFailureLimit: number;
  /** Proxies whose X-Forwarded-For tells the client's address. */
  readonly trustedProxies: BlockList;
  /** Keeps the keys' buckets; in this process by default. */
  readonly meter?: Meter | undefined;
  /** What rates are measured with; `performance.now()` by default. */
  readonly clock?: Clock | undefined;
  /** What a GraphQL document may have at most. */
  readonly documentLimits: DocumentLimits;
  /** Whether clients can read the schema. */
  readonly introspection: boolean;
  /** Whether a browser is shown GraphiQL at /graphql. */
  readonly graphiql: boolean;
}

/** Puts the gateway together on an open, migrated database, which stays the caller's to close. */
export function createGateway(database: Database, log: Logger, options: GatewayOptions): Gateway {
  const shared = { database, admission: new Admission(options.queueLimit) };
  const stageDeadline = options.requestDeadline / 2;
  const { clock = () => performance.now(), meter = new LocalMeter(clock) } = options;
  const authenticate = createAuthenticate(
    new KnownKeys(database, options.rateLimit, log),
    new FailureLimit(options.authFailureLimit, clock),
    options.trustedProxies,
  );
  return createYoga<RequestContext>({
    schema,
    graphqlEndpoint: '/(graphql|api/v1/tickets)',

    // In the order in which a request meets them.
    plugins: [
      useRequestContext(shared),
      useSecurityHeaders(),
      useAccessLog(log),
      useConnectionClose(options.isDraining),
      useProbes({ database, patience: stageDeadline, isDraining: options.isDraining }, log),
      useRoutes(),
      options.graphiql && useGraphiQL(log),
      useAuthentication(authenticate, meter, stageDeadline),
      useRateLimitHeaders(),
      useRequestParameters(),
      useGraphQLDoor(),
      useRestDoor(),
      useExecution(),
      useDeadline(stageDeadline),
      useDocumentLimits(options.documentLimits),
      useValidation(),
      !options.introspection && useNoIntrospection(),
      useErrors(log),
    ],

    parserAndValidationCache: createDocumentCaches(),

    // What Yoga has of its own for these is done above, more strictly.
    graphiql: false,
    landingPage: false,
    maskedErrors: false,
    maxRequestBodySize: false,
    multipart: false,
    batching: false,
    cors: false,
    // It cannot be turned off and matches by suffix; no URL ends with a space.
    healthCheckEndpoint: ' ',
    // The plugins above write the log.
    logging: false,
  });
}
