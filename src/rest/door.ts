import type { ExecutionResult } from 'graphql';
import type { FetchAPI } from 'graphql-yoga';
import type { GatewayPlugin, RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { type CreatedTicket, createTicket } from '../tickets/create-ticket.ts';
import type { CreateTicketInput } from '../tickets/input.ts';
import { readRequest, showError, showTicket } from './encoding.ts';
import type { ShownTicket } from './fields.ts';

// What a v1 request means, for whoever looks at its GraphQL parameters. Not executed: the handler below
// makes the call that the resolver of this field makes, at a fraction of the cost.
const operation = 'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename } }';

async function handle(context: RequestContext, input: CreateTicketInput): Promise<ExecutionResult> {
  return { data: { ...(await createTicket(context, input)), shopDomain: context.viewer.shop.domain } };
}

function render({ data, errors }: ExecutionResult, { requestId }: RequestContext, { Response }: FetchAPI) {
  if (data) {
    const created = data as unknown as CreatedTicket & ShownTicket;
    const headers: HeadersInit = created.replayed ? { 'idempotent-replayed': 'true' } : {};
    return Response.json(showTicket(created), { status: 201, headers });
  }
  const error = errors?.[0]?.originalError;
  if (!(error instanceof GatewayError)) throw new Error('A failure reached the REST door without its code');
  return Response.json(showError(error, requestId), { status: error.status, headers: error.headers });
}

/** The REST v1 door: a second encoding of the requests and results of createTicket. It holds no rule. */
export function useRestDoor(): GatewayPlugin {
  return {
    onRequestParse: ({ request, serverContext }) =>
      serverContext.door === 'rest'
        ? {
            onRequestParseDone: ({ requestParserResult, setRequestParserResult }) => {
              const variables = {
                input: readRequest(requestParserResult as Record<string, unknown>, request.headers),
              };
              setRequestParserResult({ query: operation, variables });
            },
          }
        : undefined,
    onParams({ context, setParamsHandler }) {
      if (context.door !== 'rest') return;
      setParamsHandler(({ params }) => handle(context, params.variables?.input));
    },
    onResultProcess({ serverContext, setResultProcessor }) {
      if (serverContext.door !== 'rest') return;
      setResultProcessor(
        (result, fetchAPI) => render(result as ExecutionResult, serverContext, fetchAPI),
        'application/json',
      );
    },
  };
}
