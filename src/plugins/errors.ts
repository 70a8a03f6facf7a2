import { type ExecutionResult, GraphQLError, Kind } from 'graphql';
import type { GatewayPlugin, RequestContext } from '../context.ts';
import { isOutage } from '../db/outage.ts';
import { type ErrorCode, GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';

// Faults of a document or its variables: the GraphQL over HTTP specification has them answered with 200 to
// a client that accepts only application/json. Yoga's name for such a fault is `spec`.
const documentFaults: readonly ErrorCode[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'DOCUMENT_TOO_COMPLEX',
  'BAD_USER_INPUT',
];

interface HttpExtension {
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

function rootOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? rootOf(error.originalError) : error;
}

// GraphQL's own errors are the client's fault, save those of a field's value: a resolver's result that does
// not fit the schema. The client's faults during execution are errors of an argument.
const isClientFault = (error: GraphQLError): boolean =>
  rootOf(error) instanceof GraphQLError &&
  (error.path === undefined || error.nodes?.[0]?.kind !== Kind.FIELD);

// Yoga has codes of its own beside these, for parameters that are not what it needs.
const codeOf = (yogaCode: unknown): ErrorCode =>
  documentFaults.find((code) => code === yogaCode) ?? 'BAD_USER_INPUT';

// Such messages quote what the client sent, for every fault of it once more.
const LONGEST_MESSAGE = 1000;
const shorten = (message: string) =>
  message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;

/** What a client is told of an error: of an unexpected one, never more than that it happened. */
function tellable(error: GraphQLError): GatewayError {
  const root = rootOf(error);
  if (root instanceof GatewayError) return root;
  if (isOutage(root)) {
    return new GatewayError('UNAVAILABLE', 'The database does not answer', { 'retry-after': '5' });
  }
  if (!isClientFault(error)) return new GatewayError('INTERNAL_SERVER_ERROR', 'Unexpected error');
  const { status, headers } = (error.extensions.http ?? {}) as HttpExtension;
  // Yoga names the methods that it takes in answers about other faults, too.
  if (status === 405) return new GatewayError('METHOD_NOT_ALLOWED', error.message, headers);
  return new GatewayError(codeOf(error.extensions.code), shorten(error.message));
}

function present(error: GraphQLError, context: RequestContext, log: Logger): GraphQLError {
  const told = tellable(error);
  const { requestId } = context;
  if (told.code === 'INTERNAL_SERVER_ERROR') log.error({ requestId, err: rootOf(error) }, 'unexpected error');
  if (told.code === 'UNAVAILABLE') log.warn({ requestId, err: rootOf(error) }, 'unavailable');
  context.errorCode ??= told.code;
  const http = { status: told.status, headers: told.headers, spec: documentFaults.includes(told.code) };
  return new GraphQLError(told.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
    originalError: told,
    extensions: { code: told.code, requestId: context.requestId, http },
  });
}

/**
 * The one place where errors become what clients see, for both doors: each gets its code and status, and the
 * request id; an unexpected one is logged whole and masked. Takes the place of Yoga's own masking, which
 * knows no request id and unmasks when NODE_ENV is development.
 */
export function useErrors(log: Logger): GatewayPlugin {
  return {
    onResultProcess({ result, setResult, serverContext }) {
      const { errors } = result as ExecutionResult;
      if (!errors) return;
      setResult({ ...result, errors: errors.map((error) => present(error, serverContext, log)) });
    },
  };
}
