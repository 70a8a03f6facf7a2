import { z } from 'zod';
import {
  claimName,
  httpUrl,
  keySetUrl,
  networks,
  oneOf,
  origins,
  postgresUrl,
  redisUrl,
  switchedOn,
  tokenSecret,
  wholeNumber,
} from './config-values.ts';
import { SMALLEST_POOL } from './db/pool-shares.ts';
import { BURST_BOUNDS, RATE_BOUNDS } from './limits/rate-limit.ts';

const traceProtocols = ['http/protobuf', 'http/json'] as const;

/** How traces are encoded on their way to an OpenTelemetry collector. */
export type TraceProtocol = (typeof traceProtocols)[number];

/** Every variable, in the order of `.env.example`. */
export const variables = z.object({
  /** TCP port that the gateway listens on; 0 takes any free one. */
  PORT: wholeNumber(0, 65_535).default(4000),
  /** Address that the gateway listens on; 0.0.0.0 is every IPv4 address of the machine. */
  HOST: z.string().default('127.0.0.1'),
  /** PostgreSQL 14 or newer. Without it the gateway runs on embedded PGlite in DATA_DIR. */
  DATABASE_URL: postgresUrl.optional(),
  /** Folder of the embedded database. */
  DATA_DIR: z.string().default('.data'),
  /** Most connections to PostgreSQL that this process holds. With fewer than five, locked rows could hold up everybody. */
  DATABASE_POOL_SIZE: wholeNumber(SMALLEST_POOL, 1000).default(10),
  /** Whether every start applies pending migrations; with false, run `migrate` as a step of its own. */
  AUTO_MIGRATE: switchedOn.default(true),
  /** Least severe log lines that are written. */
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** `pretty` for people, `json` for machines; by default json when NODE_ENV is production. */
  LOG_FORMAT: oneOf(['pretty', 'json']).optional(),
  /** Seconds after which a request that the database keeps waiting is answered with 503. */
  REQUEST_DEADLINE: wholeNumber(1, 600).default(5),
  /** Most requests on their way to the database; half of it for one shop, and a hundredth its own. The next is answered with 503. */
  QUEUE_LIMIT: wholeNumber(2, 100_000).default(2_000),
  /** Tickets that each API key without a limit of its own, and each subject of tokens, may create in a second. */
  RATE_LIMIT: wholeNumber(...RATE_BOUNDS).default(100),
  /** Tickets that it may create at once on top of those. */
  RATE_LIMIT_BURST: wholeNumber(...BURST_BOUNDS).default(0),
  /** Redis, to share the rate limits with other gateways. Without it each gateway has limits of its own. */
  REDIS_URL: redisUrl.optional(),
  /** Most requests with an invalid API key or token that a client address may make in a minute. */
  AUTH_FAILURE_LIMIT: wholeNumber(1, 1_000_000).default(60),
  /** Proxies before the gateway, whose X-Forwarded-For tells the client's address. None by default. */
  TRUSTED_PROXIES: networks.optional(),
  /** Seconds that SIGTERM gives requests under way before the process exits. */
  DRAIN_TIMEOUT: wholeNumber(1, 3600).default(10),
  /** Most characters of a GraphQL document. */
  DOCUMENT_CHARACTER_LIMIT: wholeNumber(1, 262_144).default(100_000),
  /** Most tokens of a GraphQL document, and most lines. */
  DOCUMENT_TOKEN_LIMIT: wholeNumber(1, 5_000).default(1_000),
  /** Most directives of a GraphQL document. */
  DOCUMENT_DIRECTIVE_LIMIT: wholeNumber(0, 5_000).default(20),
  /** Most fields within fields of a GraphQL document. */
  DOCUMENT_DEPTH_LIMIT: wholeNumber(1, 100).default(15),
  /** Most aliases of a GraphQL document, with its fragments written out. */
  DOCUMENT_ALIAS_LIMIT: wholeNumber(0, 5_000).default(50),
  /** Most fields and fragments of a GraphQL document, written out; fields that have fields count twice. */
  DOCUMENT_COST_LIMIT: wholeNumber(1, 5_000).default(400),
  /** Whether clients can read the schema; by default not when NODE_ENV is production. */
  INTROSPECTION: switchedOn.optional(),
  /** Whether a browser is shown GraphiQL at /graphql; by default not in production or with PERSISTED_OPERATIONS. */
  GRAPHIQL: switchedOn.optional(),
  /** Whether the reference page at /docs and the OpenAPI document are shown. */
  DOCS: switchedOn.default(true),
  /** The usual Node.js convention; the gateway only looks for `production`. */
  NODE_ENV: z.string().optional(),
  /** JSON file of the GraphQL documents that are run, by their SHA-256. Without it, any that keeps the limits is. */
  PERSISTED_OPERATIONS: z.string().optional(),
  /** Where the issuer of tokens publishes its public keys, as a JSON Web Key Set. */
  JWT_JWKS_URL: keySetUrl.optional(),
  /** The secret that the issuer of tokens signs with, instead. */
  JWT_SECRET: tokenSecret.optional(),
  /** What a token's `iss` must be. */
  JWT_ISSUER: z.string().optional(),
  /** What a token's `aud` must be or hold. */
  JWT_AUDIENCE: z.string().optional(),
  /** Claim that holds the domain of the shop. */
  JWT_SHOP_CLAIM: claimName.default('shop'),
  /** Claim that holds the scopes: a text with spaces between them, or a list. */
  JWT_SCOPE_CLAIM: claimName.default('scope'),
  /** Claim that may hold the number of an agent of the shop. */
  JWT_AGENT_CLAIM: claimName.default('agent'),
  /** Origins whose pages may use the gateway. None by default. */
  CORS_ORIGINS: origins.optional(),
  /** TCP port of Prometheus' metrics; 0 takes any free one. Without it there are none. */
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  /** Address of Prometheus' metrics. */
  METRICS_HOST: z.string().default('127.0.0.1'),
  /** Where traces are sent: the OpenTelemetry collector's address, to which /v1/traces is added. */
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  /** The same for traces alone, with its path. Without either there are no traces. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl.optional(),
  /** How traces are sent. */
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(traceProtocols).default('http/protobuf'),
  /** The same for traces alone. */
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf(traceProtocols).optional(),
  /** `none` sends no traces, whatever the endpoints are. */
  OTEL_TRACES_EXPORTER: oneOf(['otlp', 'none']).default('otlp'),
  /** `true` sends no traces either. */
  OTEL_SDK_DISABLED: z.string().toLowerCase().pipe(switchedOn).default(false),
  /** Whether DATABASE_URL leads to a pooler in transaction mode, such as PgBouncer; see README.md. */
  DATABASE_TRANSACTION_POOLING: switchedOn.default(false),
});
