import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../http/answer.ts';
import type { Arrival } from '../http/arrival.ts';
import { madeOnce } from '../http/made-once.ts';

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

// Nothing but the page's own script may run, and it may talk to nobody but this gateway. The editor makes its
// workers of texts in that script, and sets styles as it goes.
function policyFor(html: string): string {
  const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(html) ?? [];
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

// The page embeds everything that it needs and weighs 9 MB: loaded when first asked for, and rendered once.
async function renderPage(): Promise<Answer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'Ticket gateway',
    defaultQuery: example,
    headers: '{ "x-api-key": "" }',
    shouldPersistHeaders: false,
  });
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policyFor(html) },
    // Bytes and not a text, so that all who load it at once share them, even who never takes them.
    body: Buffer.from(html),
  };
}

/** Shows GraphiQL to a browser; undefined when something else is asked for. */
export type ShowGraphiQL = (arrival: Arrival, headers: IncomingHttpHeaders) => Promise<Answer> | undefined;

/** Shows GraphiQL to a browser that opens /graphql. The page needs no key; what it sends does. */
export function createGraphiQL(): ShowGraphiQL {
  const page = madeOnce(renderPage);
  return ({ path, method }, { accept }) => {
    if (path !== '/graphql' || method !== 'GET' || !accept?.includes('text/html')) return undefined;
    return page();
  };
}
