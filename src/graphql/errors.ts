import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { documentFaults, type ErrorCode, GatewayError } from '../errors.ts';
import { tooDisturbed } from '../tickets/attempts.ts';

/**
 * Whether an error is a fault of the document or its variables: the GraphQL over HTTP specification has them answered
 * with 200 to a client that accepts only application/json.
 */
export const isDocumentFault = ({ code }: GatewayError): boolean => documentFaults.includes(code);

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
  error.path === undefined || error.nodes?.[0]?.kind !== Kind.FIELD;

// Yoga has codes of its own beside these, for parameters that are not what it needs.
const codeOf = (yogaCode: unknown): ErrorCode =>
  documentFaults.find((code) => code === yogaCode) ?? 'BAD_USER_INPUT';

// Such messages quote what the client sent, for every fault of it once more.
const LONGEST_MESSAGE = 1000;
const shorten = (message: string) =>
  message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;

// GraphQL makes this suggestion even where it is told to make none.
const withoutSuggestion = (message: string) => message.replace(/ Did you mean "\w+ \{ \.\.\. \}"\?$/, '');

// A ticket, or what it belongs to, was deleted between two looks at it.
const isGone = (root: unknown): boolean =>
  root instanceof Error &&
  (('code' in root && root.code === 'P2025') ||
    /^Cannot return null for non-nullable field Ticket\.(shop|customer)\.$/.test(root.message));

/** What lies behind an error of GraphQL's: the fault that a resolver threw, or a GatewayError that names the client's. */
export function causeOf(error: unknown): unknown {
  const root = rootOf(error);
  if (isGone(root)) return tooDisturbed();
  if (!(error instanceof GraphQLError && root instanceof GraphQLError && isClientFault(error))) return root;
  const { status, headers } = (error.extensions.http ?? {}) as HttpExtension;
  // Yoga names the methods that it takes in answers about other faults, too.
  if (status === 405) return new GatewayError('METHOD_NOT_ALLOWED', error.message, headers);
  return new GatewayError(codeOf(error.extensions.code), shorten(withoutSuggestion(error.message)));
}

/** An error in the form that GraphQL has for it: what the client is told, and where in the document it arose. */
export function formatError(error: unknown, told: GatewayError, requestId: string): GraphQLFormattedError {
  const { locations, path } = error instanceof GraphQLError ? error.toJSON() : {};
  return {
    message: told.message,
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: { code: told.code, requestId },
  };
}
