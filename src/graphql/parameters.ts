import type { IncomingMessage } from 'node:http';
import type { GraphQLParams } from 'graphql-yoga';
import { GatewayError } from '../errors.ts';
import type { Arrival } from '../http/arrival.ts';
import { type JsonObject, parseObject, readJsonBody } from '../http/body.ts';

function readJsonParameter(parameters: URLSearchParams, name: string): JsonObject | undefined {
  const text = parameters.get(name);
  if (!text) return undefined;
  try {
    return parseObject(text);
  } catch {
    throw new GatewayError('BAD_USER_INPUT', `The parameter ${name} must be a JSON object`);
  }
}

function readQueryString(query: string): GraphQLParams {
  const parameters = new URLSearchParams(query);
  return {
    query: parameters.get('query') ?? undefined,
    operationName: parameters.get('operationName') ?? undefined,
    variables: readJsonParameter(parameters, 'variables'),
    extensions: readJsonParameter(parameters, 'extensions'),
  };
}

/** Reads the parameters of GraphQL over HTTP: the JSON object in the body of a POST, or the query string of a GET. */
export async function readParameters(request: IncomingMessage, arrival: Arrival): Promise<GraphQLParams> {
  return arrival.method === 'POST' ? readJsonBody(request) : readQueryString(arrival.query);
}
