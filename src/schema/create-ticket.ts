import {
  AssigneeNotFoundError,
  CustomerNotFoundError,
  GatewayError,
  IdempotencyConflictError,
  InvalidInputError,
} from '../errors.ts';
import { type CreatedTicket, createTicket } from '../tickets/create-ticket.ts';
import { textLimits } from '../tickets/input.ts';
import { inputMeanings } from '../tickets/meanings.ts';
import { builder } from './builder.ts';
import { TicketObject } from './ticket.ts';

// JSON Schema has a word for the limit; in GraphQL, the description must tell it.
const limited = (field: keyof typeof textLimits) =>
  `${inputMeanings[field]} At most ${textLimits[field].toLocaleString('en')} characters.`;

const CreateTicketInput = builder.inputType('CreateTicketInput', {
  description: 'The content of a new ticket. The shop is that of the credential.',
  fields: (t) => ({
    customerId: t.int({ required: true, description: inputMeanings.customerId }),
    channel: t.string({ required: true, description: limited('channel') }),
    name: t.string({ description: limited('name') }),
    threadId: t.string({ description: limited('threadId') }),
    emailUsed: t.string({ description: limited('emailUsed') }),
    date: t.field({ type: 'DateTime', description: inputMeanings.date }),
    lastMessage: t.string({ description: limited('lastMessage') }),
    lastMessageTime: t.field({ type: 'DateTime', description: inputMeanings.lastMessageTime }),
    contactReason: t.string({ description: limited('contactReason') }),
    assignedTo: t.int({ description: inputMeanings.assignedTo }),
    isOpenedTicket: t.boolean({ description: inputMeanings.isOpenedTicket }),
    unreadChatCount: t.int({ description: inputMeanings.unreadChatCount }),
    tags: t.stringList({ description: inputMeanings.tags }),
    languageCode: t.string({ description: limited('languageCode') }),
    via: t.string({ description: limited('via') }),
    idempotencyKey: t.string({ description: inputMeanings.idempotencyKey }),
  }),
});

const CreateTicketSuccess = builder.objectRef<CreatedTicket>('CreateTicketSuccess').implement({
  description: 'The ticket was created, now or by an earlier request with the same idempotency key.',
  fields: (t) => ({
    ticket: t.field({ type: TicketObject, description: 'The ticket.', resolve: ({ ticket }) => ticket }),
    replayed: t.exposeBoolean('replayed', { description: 'Whether an earlier request created it.' }),
  }),
});

builder.mutationField('createTicket', (t) =>
  t.field({
    type: CreateTicketSuccess,
    description: 'Creates a ticket (a conversation) for an existing customer. Needs the scope tickets:write.',
    args: {
      input: t.arg({ type: CreateTicketInput, required: true, description: 'The content of the ticket.' }),
    },
    errors: {
      types: [InvalidInputError, CustomerNotFoundError, AssigneeNotFoundError, IdempotencyConflictError],
      directResult: true,
      union: {
        name: 'CreateTicketResult',
        description: 'What became of createTicket: the new ticket, or why there is none.',
      },
    },
    resolve: (_root, { input }, context) =>
      createTicket(context, input).catch((error: unknown) => {
        // An outcome that is data is no error to the plugins, which would else tell the log.
        if (error instanceof GatewayError) context.errorCode ??= error.code;
        throw error;
      }),
  }),
);
