import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { Answer } from './answer.ts';

/** What a request asks for: does it on behalf of its viewer, and shows what became of it. */
type Operation = () => Promise<Answer>;

/** One of the two ways in. It reads requests and shows results in a form of its own, and holds no rule. */
export interface Door {
  /** Its name in the log. */
  readonly name: 'graphql' | 'rest';
  /** The HTTP methods that it takes. */
  readonly methods: readonly string[];
  /** Reads what a request asks for. Fails with a GatewayError when it cannot be understood. */
  read(request: IncomingMessage, context: RequestContext): Promise<Operation>;
  /** Shows why a request failed. */
  refuse(error: GatewayError, requestId: string, headers: IncomingHttpHeaders): Answer;
}

/** What is wrong with a method that a door, or whatever else is served, does not take. */
export function faultOfMethod({ methods }: Pick<Door, 'methods'>, method: string): GatewayError | undefined {
  if (methods.includes(method)) return undefined;
  const allow = methods.join(', ');
  return new GatewayError('METHOD_NOT_ALLOWED', `Method not allowed; use ${allow}`, { allow });
}
