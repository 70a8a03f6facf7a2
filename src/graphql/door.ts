import type { IncomingHttpHeaders } from 'node:http';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { RequestContext } from '../context.ts';
import type { GatewayError } from '../errors.ts';
import { type Answer, jsonAnswer } from '../http/answer.ts';
import { readJsonBody } from '../http/body.ts';
import type { Door } from '../http/door.ts';
import type { Logger } from '../log.ts';
import { tell } from '../telling.ts';
import { causeOf, formatError, isDocumentFault } from './errors.ts';
import { readQueryString } from './query-string.ts';
import { requireFewFields } from './variable-size.ts';
import { createDocumentServer, type YogaOptions } from './yoga.ts';

const OLDER_TYPE = 'application/json';
const NEWER_TYPE = 'application/graphql-response+json';

// The older type only for a client that asks for it and does not know the newer one.
function mediaTypeFor({ accept = '' }: IncomingHttpHeaders): string {
  const types = accept.toLowerCase();
  return types.includes(OLDER_TYPE) && !types.includes(NEWER_TYPE) ? OLDER_TYPE : NEWER_TYPE;
}

interface Shown {
  readonly errors?: readonly GraphQLFormattedError[];
  readonly data?: unknown;
}

// The status is that of the gravest error. With the older type, a document that does not fit the schema is
// answered with 200, as the GraphQL over HTTP specification has it.
function show(shown: Shown, told: readonly GatewayError[], mediaType: string): Answer {
  const graves = mediaType === OLDER_TYPE ? told.filter((error) => !isDocumentFault(error)) : told;
  const status = Math.max(200, ...graves.map((error) => error.status));
  return jsonAnswer(status, shown, Object.assign({}, ...told.map(({ headers }) => headers)), mediaType);
}

/** The GraphQL door: executes documents with Yoga. */
export function createGraphQLDoor(options: YogaOptions, log: Logger): Door {
  const { yoga, isKnown } = createDocumentServer(options);
  // What Yoga's own checks want to know of a request is its method.
  const requests = {
    GET: new yoga.fetchAPI.Request('http://gateway/graphql', { method: 'GET' }),
    POST: new yoga.fetchAPI.Request('http://gateway/graphql', { method: 'POST' }),
  };

  async function execute(params: GraphQLParams, context: RequestContext): Promise<ExecutionResult> {
    // To parse and validate one that keeps all limits may take ten milliseconds.
    if (!isKnown(params.query)) await context.heavyWork.turn(context.viewer.shop.id);
    const request = context.method === 'GET' ? requests.GET : requests.POST;
    try {
      return (await yoga.getResultForParams({ params, request }, context)) as ExecutionResult;
    } catch (error) {
      return { errors: [error as never] };
    }
  }

  return {
    name: 'graphql',
    methods: ['GET', 'POST'],
    async read(request, context) {
      const { method, query } = context;
      const parameters = method === 'GET' ? readQueryString(query) : await readJsonBody(request, context);
      requireFewFields(parameters.variables);
      const mediaType = mediaTypeFor(request.headers);
      return async () => {
        const { errors, ...rest } = await execute(parameters, context);
        await context.heavyWork.turnForText(context.viewer.shop.id, context.shownTexts.taken);
        if (errors === undefined) return jsonAnswer(200, rest, undefined, mediaType);
        const told: GatewayError[] = [];
        const shown = errors.map((error) => {
          const cause = tell(causeOf(error), context, log);
          told.push(cause);
          return formatError(error, cause, context.requestId);
        });
        return show({ errors: shown, ...rest }, told, mediaType);
      };
    },
    refuse: (error, requestId, headers) =>
      show({ errors: [formatError(error, error, requestId)] }, [error], mediaTypeFor(headers)),
  };
}
