/** Where the gateway stands in the page's texts, until the browser puts the page's own origin in its place. */
export const ORIGIN = 'https://gateway.example';

/** A GraphQL document that creates a ticket and shows whatever comes of it. */
export const createTicketDocument =
  'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { ' +
  '... on CreateTicketSuccess { ticket { id channel customer { email } } } ... on Error { code message } } }';

/** The command that posts a body without single quotes to a door; with an indentation, its fields stand on lines of their own. */
export const curl = (url: string, key: string, body: object, indentation?: number): string =>
  [
    `curl -s ${url} \\`,
    `  -H 'content-type: application/json' -H 'x-api-key: ${key}' \\`,
    `  -d '${JSON.stringify(body, null, indentation)}'`,
  ].join('\n');
