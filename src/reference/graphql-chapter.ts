import { type GraphQLNamedType, isUnionType, printSchema } from 'graphql';
import { errorCodes } from '../errors.ts';
import { schema } from '../schema/index.ts';
import { createTicketDocument, curl } from './curl.ts';

function typeNamed(name: string): GraphQLNamedType {
  const type = schema.getType(name);
  if (type === undefined) throw new Error(`The schema has no type ${name}`);
  return type;
}

const described = ({ name, description }: GraphQLNamedType): string => `- \`${name}\`: ${description}`;

function outcomes(): string {
  const union = typeNamed('CreateTicketResult');
  return isUnionType(union) ? union.getTypes().map(described).join('\n') : '';
}

const codes = (): string =>
  Object.entries(errorCodes)
    .map(([code, { status, description }]) => `- \`${code}\` (${status}): ${description}`)
    .join('\n');

const variables = {
  input: { customerId: 123, channel: 'Mail', name: 'Refund request', isOpenedTicket: true },
};

/** The chapter on the GraphQL door, in Markdown: how to call it, what it answers, and where its schema is. */
export const graphqlChapter = (origin: string, withSchema: boolean, onlyListed: boolean): string => `
${onlyListed ? 'This gateway runs listed documents only: post the `documentId` of one, `sha256:` and its hash,' : 'Post a document'} and its variables as JSON to \`${origin}/graphql\`, with the key that REST takes, too. Creating a
ticket needs the scope \`tickets:write\`, reading one \`tickets:read\`. GET serves queries only, and requests cannot be
batched.

\`\`\`shell
${curl(`${origin}/graphql`, 'YOUR_KEY', { ...(onlyListed ? { documentId: 'sha256:…' } : { query: createTicketDocument }), variables }, 2)}
\`\`\`

## Results

What becomes of \`createTicket\` is data, with status 200: one type of the union \`CreateTicketResult\`. Ask for
\`__typename\`, or for the fields of each type; every failure has a \`code\` and a \`message\`.

${outcomes()}

\`\`\`graphql
mutation CreateTicket($input: CreateTicketInput!) {
  createTicket(input: $input) {
    __typename
    ... on CreateTicketSuccess {
      replayed
      ticket { id channel humanTicket { status } }
    }
    ... on InvalidInputError { fields { path code message } }
    ... on IdempotencyConflictError { ticketId }
    ... on Error { code message }
  }
}
\`\`\`

What is no outcome of the operation, such as a missing key or a faulty document, stands in \`errors\`, with
\`extensions.code\` and \`extensions.requestId\`, and with the status of the code.

## Scalars

${['BigInt', 'DateTime'].map((name) => described(typeNamed(name))).join('\n')}

## Codes

Of both doors. To a client that accepts only \`application/json\`, faults of documents and variables have status 200.

${codes()}

## Schema

Every type and field is described in \`schema.graphql\`, which comes with the gateway${
  withSchema
    ? `:\n\n\`\`\`graphql\n${printSchema(schema)}\n\`\`\``
    : '. This gateway does not show it to clients.'
}
`;
