import type { GraphQLParams } from 'graphql-yoga';
import { GatewayError } from '../errors.ts';
import { type JsonObject, parseObject } from '../http/body.ts';

function readJsonParameter(parameters: URLSearchParams, name: string): JsonObject | undefined {
  const text = parameters.get(name);
  if (!text) return undefined;
  try {
    return parseObject(text);
  } catch {
    throw new GatewayError('BAD_USER_INPUT', `The parameter ${name} must be a JSON object`);
  }
}

/** The parameters of GraphQL over HTTP, with the one by which its draft names a trusted document. */
type Parameters = GraphQLParams & { readonly documentId: string | undefined };

/** Reads the parameters of GraphQL over HTTP that a GET has in its query string. */
export function readQueryString(query: string): Parameters {
  const parameters = new URLSearchParams(query);
  return {
    query: parameters.get('query') ?? undefined,
    documentId: parameters.get('documentId') ?? undefined,
    operationName: parameters.get('operationName') ?? undefined,
    variables: readJsonParameter(parameters, 'variables'),
    extensions: readJsonParameter(parameters, 'extensions'),
  };
}
