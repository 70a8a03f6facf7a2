import type { IncomingMessage } from 'node:http';
import type { GatewayOptions } from './gateway-options.ts';
import { createGraphiQL } from './graphql/graphiql.ts';
import type { Answer } from './http/answer.ts';
import type { Arrival } from './http/arrival.ts';
import type { Cors } from './http/cors.ts';
import type { Door } from './http/door.ts';
import type { AnswerProbe } from './http/probes.ts';
import { createReference } from './reference/reference.ts';

/** Answers what needs no credential; undefined when it is a door that is knocked at, or when nothing is there. */
export type AnswerOpenly = (
  request: IncomingMessage,
  arrival: Arrival,
  door: Door | undefined,
) => Answer | Promise<Answer> | undefined;

/** Puts together what is open to everybody: preflights of browsers, the probes, GraphiQL, and the reference. */
export function createOpenAnswers(
  cors: Cors | undefined,
  answerProbe: AnswerProbe,
  { graphiql, demo, docs, ...options }: GatewayOptions,
): AnswerOpenly {
  const showGraphiQL = graphiql ? createGraphiQL(demo) : () => undefined;
  const showReference = docs ? createReference(options) : () => undefined;
  return (request, arrival, door) =>
    cors?.answerPreflight(request, door) ??
    answerProbe(arrival) ??
    showGraphiQL(arrival, request.headers) ??
    showReference(arrival);
}
