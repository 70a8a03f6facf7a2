import type { DemoShop } from '../shops/demo-shop.ts';

/** A tab of GraphiQL: a document, and what its editors of variables and headers hold. */
export interface ExampleTab {
  readonly query: string;
  /** JSON, in which comments are allowed. */
  readonly variables: string;
  /** JSON, in which comments are allowed. */
  readonly headers: string;
}

const CREATE = `# Press the run button.
mutation CreateTicket($input: CreateTicketInput!) {
  createTicket(input: $input) {
    ... on CreateTicketSuccess {
      ticket {
        id
        channel
        name
        customer { email }
        assignee { email }
        humanTicket { status openedAt }
      }
    }
    ... on InvalidInputError {
      fields { path code message }
    }
    ... on Error {
      code
      message
    }
  }
}`;

const READ = `# Put the id of a ticket
# into the variables.
query ReadTicket($id: BigInt!) {
  ticket(id: $id) {
    id
    date
    channel
    name
    lastMessage
    tags
    customer { firstName lastName email }
    assignee { firstName lastName email }
    humanTicket { status openedAt closedAt }
  }
}`;

const ticketInput = {
  channel: 'Mail',
  name: 'Refund request',
  lastMessage: 'Hello, I need a refund.',
  isOpenedTicket: true,
  tags: ['refund', 'vip'],
};

const indented = (value: object): string => JSON.stringify(value, null, 2);

/**
 * What the headers editor holds. The key of the demo shop is public; of any other shop it shows only where the
 * key goes.
 */
export function exampleHeaders(demo: DemoShop | undefined): string {
  if (demo) return indented({ 'x-api-key': demo.key });
  return `{
  // The key of your shop; then
  // re-fetch the schema
  // (Shift-Ctrl-R).
  "x-api-key": ""
}`;
}

/** The tabs on which GraphiQL opens: one creates a ticket, one reads it back. */
export function exampleTabs(demo: DemoShop | undefined): readonly ExampleTab[] {
  const headers = exampleHeaders(demo);
  // Of a shop that is not the demo shop no numbers are known: 1 is there to be replaced, and nobody is assigned.
  const people = demo ? { customerId: demo.customerId, assignedTo: demo.agentId } : { customerId: 1 };
  return [
    { query: CREATE, variables: indented({ input: { ...people, ...ticketInput } }), headers },
    { query: READ, variables: indented({ id: 'the id of a ticket' }), headers },
  ];
}
