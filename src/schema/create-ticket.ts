import { GatewayError } from '../errors.ts';
import { type CreatedTicket, createTicket } from '../tickets/create-ticket.ts';
import { textLimits } from '../tickets/input.ts';
import { inputMeanings } from '../tickets/meanings.ts';
import { builder } from './builder.ts';
import { createTicketFailures } from './errors.ts';
import { TicketObject } from './ticket.ts';

// JSON Schema has a word for the limit; in GraphQL, the description must tell it.
const limited = (field: keyof typeof textLimits) =>
  `${inputMeanings[field]} At most ${textLimits[field].toLocaleString('en')} characters.`;

const CreateTicketInput = builder.inputType('CreateTicketInput', {
  description:
    'The content of a new ticket. Its shop is that of the credential. A field that is null is one that is left out.',
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
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether an earlier request with the same idempotency key created it.',
    }),
  }),
});

builder.mutationField('createTicket', (t) =>
  t.field({
    type: CreateTicketSuccess,
    description:
      'Creates a ticket (a conversation) for an existing customer, and takes one ticket of the rate limit. Needs the ' +
      'scope `tickets:write`. After an error (not an expected failure) the rest of the document is not run, but the ' +
      'tickets before it stay created.',
    args: {
      input: t.arg({ type: CreateTicketInput, required: true, description: 'The content of the ticket.' }),
    },
    errors: {
      types: Object.values(createTicketFailures),
      directResult: true,
      union: {
        name: 'CreateTicketResult',
        description: 'What became of createTicket: the ticket, or why there is none.',
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
