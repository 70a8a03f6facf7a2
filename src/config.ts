import { BlockList } from 'node:net';
import type { z } from 'zod';
import { findTokenProblems, readTokenSettings, type TokenSettings } from './auth/token-settings.ts';
import { type TraceProtocol, variables } from './config-variables.ts';
import type { DocumentLimits } from './graphql/document-limits.ts';
import type { RateLimit } from './limits/rate-limit.ts';
import { OperatorError } from './operator-error.ts';

const blankAsAbsent = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));

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
