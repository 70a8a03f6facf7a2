import type { GatewayPlugin } from '../context.ts';

const example = `# The key of your shop goes into the headers tab below: { "x-api-key": "..." }
mutation CreateTicket($input: CreateTicketInput!) {
  createTicket(input: $input) {
    ... on CreateTicketSuccess {
      ticket { id channel name customer { email } humanTicket { status openedAt } }
    }
    ... on Error { code message }
    ... on InvalidInputError { fields { path message } }
  }
}
`;

// The page embeds everything that it needs and weighs 9 MB: loaded when first asked for, and rendered once.
async function renderPage(): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL({
    title: 'Ticket gateway',
    defaultQuery: example,
    headers: '{ "x-api-key": "" }',
    shouldPersistHeaders: false,
  });
}

/** Shows GraphiQL to a browser that opens /graphql. The page needs no key; what it sends does. */
export function useGraphiQL(): GatewayPlugin {
  let page: Promise<string> | undefined;
  return {
    async onRequest({ request, serverContext, endResponse, fetchAPI: { Response } }) {
      if (serverContext.door !== 'graphql' || request.method !== 'GET') return;
      if (!request.headers.get('accept')?.includes('text/html')) return;
      page ??= renderPage();
      endResponse(new Response(await page, { headers: { 'content-type': 'text/html; charset=utf-8' } }));
    },
  };
}
