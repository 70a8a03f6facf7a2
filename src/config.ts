import { BlockList } from 'node:net';
import { z } from 'zod';
import { findTokenProblems, readTokenSettings, type TokenSettings } from './auth/token-settings.ts';
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
import type { DocumentLimits } from './graphql/document-limits.ts';
import type { RateLimit } from './limits/rate-limit.ts';
import { OperatorError } from './operator-error.ts';

const blankAsAbsent = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));

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
  /** Most connections to PostgreSQL that this process holds. */
  DATABASE_POOL_SIZE: wholeNumber(1, 1000).default(10),
  /** Whether every start applies pending migrations; with false, run `migrate` as a step of its own. */
  AUTO_MIGRATE: switchedOn.default(true),
  /** Least severe log lines that are written. */
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** `pretty` for people, `json` for machines; by default json when NODE_ENV is production. */
  LOG_FORMAT: oneOf(['pretty', 'json']).optional(),
  /** Seconds after which a request that the database keeps waiting is answered with 503. */
  REQUEST_DEADLINE: wholeNumber(1, 600).default(5),
  /** Most tickets on their way to the database; half of it for one shop. The next is answered with 503. */
  QUEUE_LIMIT: wholeNumber(2, 100_000).default(2_000),
  /** Tickets that each API key without a limit of its own, and each subject of tokens, may create in a second. */
  RATE_LIMIT: wholeNumber(1, 1_000_000).default(100),
  /** Tickets that it may create at once on top of those. */
  RATE_LIMIT_BURST: wholeNumber(0, 1_000_000).default(0),
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

type Variables = z.infer<typeof variables>;

function traceProtocolOf(values: Variables): TraceProtocol | undefined {
  const endpoint = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT;
  const isOff = values.OTEL_SDK_DISABLED || values.OTEL_TRACES_EXPORTER === 'none';
  if (endpoint === undefined || isOff) return undefined;
  return values.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? values.OTEL_EXPORTER_OTLP_PROTOCOL;
}

/** The gateway's settings, each read from the environment variable named beside it. */
export interface Config {
  /** PORT */
  readonly port: number;
  /** HOST */
  readonly host: string;
  /** DATABASE_URL; undefined means embedded PGlite. Holds a password: never log it. */
  readonly databaseUrl: string | undefined;
  /** DATA_DIR */
  readonly dataDirectory: string;
  /** DATABASE_POOL_SIZE */
  readonly databasePoolSize: number;
  /** AUTO_MIGRATE */
  readonly autoMigrate: boolean;
  /** NODE_ENV */
  readonly nodeEnvironment: string | undefined;
  /** LOG_LEVEL */
  readonly logLevel: string;
  /** LOG_FORMAT */
  readonly logFormat: 'pretty' | 'json';
  /** REQUEST_DEADLINE, in milliseconds. */
  readonly requestDeadline: number;
  /** QUEUE_LIMIT */
  readonly queueLimit: number;
  /** RATE_LIMIT, with RATE_LIMIT_BURST in its capacity. */
  readonly rateLimit: RateLimit;
  /** REDIS_URL; undefined means limits of this process alone. Holds a password: never log it. */
  readonly redisUrl: string | undefined;
  /** AUTH_FAILURE_LIMIT */
  readonly authFailureLimit: number;
  /** TRUSTED_PROXIES */
  readonly trustedProxies: BlockList;
  /** DRAIN_TIMEOUT, in milliseconds. */
  readonly drainTimeout: number;
  /** DOCUMENT_CHARACTER_LIMIT and the five others named so. */
  readonly documentLimits: DocumentLimits;
  /** INTROSPECTION */
  readonly introspection: boolean;
  /** GRAPHIQL */
  readonly graphiql: boolean;
  /** PERSISTED_OPERATIONS */
  readonly persistedOperations: string | undefined;
  /** JWT_JWKS_URL or JWT_SECRET, and the others named so; undefined without either. Holds a secret: never log it. */
  readonly tokens: TokenSettings | undefined;
  /** CORS_ORIGINS; undefined for none. */
  readonly corsOrigins: ReadonlySet<string> | undefined;
  /** DOCS */
  readonly docs: boolean;
  /** METRICS_PORT; undefined means no metrics. */
  readonly metricsPort: number | undefined;
  /** METRICS_HOST */
  readonly metricsHost: string;
  /** Undefined unless the variables of OpenTelemetry ask for traces; where to, its SDK reads by itself. */
  readonly traceProtocol: TraceProtocol | undefined;
  /** DATABASE_TRANSACTION_POOLING */
  readonly transactionPooling: boolean;
}

/** Reads every setting at once. Throws an OperatorError that lists all that is wrong, with no value of any. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const present = blankAsAbsent(environment);
  const result = variables.safeParse(present);
  const problems = [
    ...(result.error?.issues ?? []).map((issue) => `  ${issue.path.join('.')} ${issue.message}`),
    ...findTokenProblems(present).map(({ name, rule }) => `  ${name} ${rule}`),
  ];
  if (!result.success || problems.length > 0) {
    throw new OperatorError(['The configuration is wrong:', ...problems].join('\n'));
  }
  const values = result.data;
  const inProduction = values.NODE_ENV === 'production';
  return {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL,
    dataDirectory: values.DATA_DIR,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    autoMigrate: values.AUTO_MIGRATE,
    nodeEnvironment: values.NODE_ENV,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT ?? (inProduction ? 'json' : 'pretty'),
    requestDeadline: values.REQUEST_DEADLINE * 1000,
    queueLimit: values.QUEUE_LIMIT,
    rateLimit: { rate: values.RATE_LIMIT, capacity: values.RATE_LIMIT + values.RATE_LIMIT_BURST },
    redisUrl: values.REDIS_URL,
    authFailureLimit: values.AUTH_FAILURE_LIMIT,
    trustedProxies: values.TRUSTED_PROXIES ?? new BlockList(),
    drainTimeout: values.DRAIN_TIMEOUT * 1000,
    documentLimits: {
      characters: values.DOCUMENT_CHARACTER_LIMIT,
      tokens: values.DOCUMENT_TOKEN_LIMIT,
      directives: values.DOCUMENT_DIRECTIVE_LIMIT,
      depth: values.DOCUMENT_DEPTH_LIMIT,
      aliases: values.DOCUMENT_ALIAS_LIMIT,
      cost: values.DOCUMENT_COST_LIMIT,
    },
    introspection: values.INTROSPECTION ?? !inProduction,
    // With a list of documents, those that are written in GraphiQL would be refused.
    graphiql: values.GRAPHIQL ?? (!inProduction && values.PERSISTED_OPERATIONS === undefined),
    persistedOperations: values.PERSISTED_OPERATIONS,
    tokens: readTokenSettings(values),
    corsOrigins: values.CORS_ORIGINS,
    docs: values.DOCS,
    metricsPort: values.METRICS_PORT,
    metricsHost: values.METRICS_HOST,
    traceProtocol: traceProtocolOf(values),
    transactionPooling: values.DATABASE_TRANSACTION_POOLING,
  };
}
