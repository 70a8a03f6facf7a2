import { createHash } from 'node:crypto';
import type { GatewayPlugin } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { showError } from '../rest/encoding.ts';

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

interface Page {
  // Bytes and not a text, so that all who load it at once share them, even who never takes them.
  readonly bytes: Buffer<ArrayBuffer>;
  readonly contentSecurityPolicy: string;
}

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
async function renderPage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'Ticket gateway',
    defaultQuery: example,
    headers: '{ "x-api-key": "" }',
    shouldPersistHeaders: false,
  });
  return { bytes: Buffer.from(html), contentSecurityPolicy: policyFor(html) };
}

/** Shows GraphiQL to a browser that opens /graphql. The page needs no key; what it sends does. */
export function useGraphiQL(log: Logger): GatewayPlugin {
  let page: Promise<Page> | undefined;
  return {
    async onRequest({ request, serverContext, endResponse, fetchAPI: { Response } }) {
      const { door, requestId } = serverContext;
      if (door !== 'graphql' || request.method !== 'GET') return;
      if (!request.headers.get('accept')?.includes('text/html')) return;
      page ??= renderPage().catch((error: unknown) => {
        page = undefined;
        throw error;
      });
      const rendered = await page.catch((err: unknown) => {
        log.error({ requestId, err }, 'unexpected error');
      });
      // Not thrown: what fails before a request is parsed, Yoga answers with the stack trace.
      if (!rendered) {
        const error = new GatewayError('INTERNAL_SERVER_ERROR', 'Unexpected error');
        return endResponse(Response.json(showError(error, requestId), { status: error.status }));
      }
      const { bytes, contentSecurityPolicy } = rendered;
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentSecurityPolicy,
      };
      endResponse(new Response(bytes, { headers }));
    },
  };
}
