import { createTicketDocument, curl } from '../reference/curl.ts';
import type { DemoShop } from '../shops/demo-shop.ts';

// As it is called from the sources, or from what is built of them.
const commandLine = import.meta.url.endsWith('.ts') ? 'npm run -s cli --' : 'node dist/main.js';

const indented = (text: string): string[] => text.split('\n').map((line) => `  ${line}`);

function demoLines(
  urls: { graphql: string; rest: string },
  { shop, customerId, agentId, key }: DemoShop,
  anyDocument: boolean,
): string[] {
  const input = { customerId, channel: 'Mail', name: 'Refund request', isOpenedTicket: true };
  const body = {
    customerId,
    Channel: 'Mail',
    name: 'Refund request',
    assigned_to: agentId,
    isOpenedTicket: true,
  };
  return [
    `  Demo shop ${shop.domain}, customer ${customerId}, agent ${agentId}, key ${key}`,
    '',
    ...(anyDocument
      ? [
          '  A ticket through GraphQL:',
          '',
          ...indented(curl(urls.graphql, key, { query: createTicketDocument, variables: { input } })),
          '',
        ]
      : []),
    '  A ticket through REST:',
    '',
    ...indented(curl(urls.rest, key, body)),
    '',
  ];
}

/** A gateway that is up: its doors, its database, and what it has for trying it out. */
interface Started {
  readonly urls: { readonly graphql: string; readonly rest: string };
  /** Where the reference page is; undefined when it is not shown. */
  readonly docs: string | undefined;
  readonly engine: string;
  readonly graphiql: boolean;
  /** Whether the GraphQL door runs documents that are on no list. */
  readonly anyDocument: boolean;
  readonly demo: DemoShop | undefined;
}

/** What the terminal shows when the gateway is up: where the doors are and, with demo data, how to go through them. */
export function welcome({ urls, docs, engine, graphiql, anyDocument, demo }: Started): string[] {
  return [
    '',
    `  The ticket gateway runs on ${engine}.`,
    '',
    `  ${(graphiql ? 'GraphQL and GraphiQL' : 'GraphQL').padEnd(20)}  ${urls.graphql}`,
    `  REST v1               POST ${urls.rest}`,
    ...(docs ? [`  Reference             ${docs}`] : []),
    '',
    ...(demo
      ? demoLines(urls, demo, anyDocument)
      : [
          `  Make a shop with      ${commandLine} shops create --help`,
          `  and a key for it with ${commandLine} keys create --help`,
          '',
        ]),
  ];
}
