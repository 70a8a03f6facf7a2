import type { CreateTicketMutation } from './generated/graphql.ts';

/** What may become of createTicket: one type for each member of the schema's union CreateTicketResult. */
export type Outcome = CreateTicketMutation['createTicket'];

function refuseUnknown(outcome: never): never {
  throw new Error(`The schema has an outcome that this client does not know: ${JSON.stringify(outcome)}`);
}

/** Tells a person what became of createTicket. Compiles only as long as it knows every member of the union. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.__typename) {
    case 'CreateTicketSuccess':
      return `${outcome.replayed ? 'Ticket found' : 'Ticket created'}: ${outcome.ticket.id}`;
    case 'InvalidInputError':
      return `Please correct ${outcome.fields.map(({ path }) => path.join('.')).join(', ')}`;
    case 'CustomerNotFoundError':
      return 'There is no such customer';
    case 'AssigneeNotFoundError':
      return 'There is no such agent';
    case 'IdempotencyConflictError':
      return `The key was used for ticket ${outcome.ticketId}`;
    default:
      return refuseUnknown(outcome);
  }
}
