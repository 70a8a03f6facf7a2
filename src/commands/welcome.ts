import type { DemoShop } from '../shops/demo-shop.ts';

const curl = (url: string, key: string, body: object): string[] => [
  `  curl -s ${url} \\`,
  `    -H 'content-type: application/json' -H 'x-api-key: ${key}' \\`,
  `    -d '${JSON.stringify(body)}'`,
];

function demoLines(
  urls: { graphql: string; rest: string },
  { shop, customerId, agentId, key }: DemoShop,
  anyDocument: boolean,
): string[] {
  const query =
    'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { ' +
    '... on CreateTicketSuccess { ticket { id channel customer { email } } } ... on Error { code message } } }';
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
      ? ['  A ticket through GraphQL:', '', ...curl(urls.graphql, key, { query, variables: { input } }), '']
      : []),
    '  A ticket through REST:',
    '',
    ...curl(urls.rest, key, body),
    '',
  ];
}

/** A gateway that is up: its doors, its database, and what it has for trying it out. */
interface Started {
  readonly urls: { readonly graphql: string; readonly rest: string };
  readonly engine: string;
  readonly graphiql: boolean;
  /** Whether the GraphQL door runs documents that are on no list. */
  readonly anyDocument: boolean;
  readonly demo: DemoShop | undefined;
}

/** What the terminal shows when the gateway is up: where the doors are and, with demo data, how to go through them. */
export function welcome({ urls, engine, graphiql, anyDocument, demo }: Started): string[] {
  return [
    '',
    `  The ticket gateway runs on ${engine}.`,
    '',
    `  ${(graphiql ? 'GraphQL and GraphiQL' : 'GraphQL').padEnd(20)}  ${urls.graphql}`,
    `  REST v1               POST ${urls.rest}`,
    '',
    ...(demo
      ? demoLines(urls, demo, anyDocument)
      : ['  Make a key with: npm run -s cli -- keys create --help', '']),
  ];
}
