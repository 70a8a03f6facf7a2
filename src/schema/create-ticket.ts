import { GatewayError } from '../errors.ts';
import { type CreatedTicket, createTicket } from '../tickets/create-ticket.ts';
import { IDEMPOTENCY_KEY_LIMIT, tagLimits, textLimits } from '../tickets/input.ts';
import { builder } from './builder.ts';
import { createTicketFailures } from './errors.ts';
import { TicketObject } from './ticket.ts';

const upTo = (characters: number) => `At most ${characters.toLocaleString('en')} characters.`;

const CreateTicketInput = builder.inputType('CreateTicketInput', {
  description:
    'The content of a new ticket. Its shop is that of the API key. A field that is null is one that is left out.',
  fields: (t) => ({
    customerId: t.int({ required: true, description: 'Number of a customer of the shop.' }),
    channel: t.string({
      required: true,
      description: `How the customer wrote, such as Mail, Website, Facebook, Instagram or Helpwave. ${upTo(textLimits.channel)}`,
    }),
    name: t.string({ description: `Name or subject of the conversation. ${upTo(textLimits.name)}` }),
    threadId: t.string({ description: `Thread of an e-mail conversation. ${upTo(textLimits.threadId)}` }),
    emailUsed: t.string({
      description: `E-mail address used for the conversation. ${upTo(textLimits.emailUsed)}`,
    }),
    date: t.field({ type: 'DateTime', description: 'When the conversation took place; now by default.' }),
    lastMessage: t.string({ description: `First or latest message. ${upTo(textLimits.lastMessage)}` }),
    lastMessageTime: t.field({
      type: 'DateTime',
      description: 'When lastMessage was written; now by default.',
    }),
    contactReason: t.string({ description: `Why the customer wrote. ${upTo(textLimits.contactReason)}` }),
    assignedTo: t.int({ description: 'Number of an agent of the shop to assign the ticket to.' }),
    isOpenedTicket: t.boolean({ description: 'Whether to open a human ticket; false by default.' }),
    unreadChatCount: t.int({ description: 'How many messages nobody has read yet; 0 by default.' }),
    tags: t.stringList({
      description: `Labels, at most ${tagLimits.count} of ${tagLimits.length} characters each; none by default.`,
    }),
    languageCode: t.string({ description: `Language, such as en. ${upTo(textLimits.languageCode)}` }),
    via: t.string({ description: `What the ticket comes through, such as api. ${upTo(textLimits.via)}` }),
    idempotencyKey: t.string({
      description:
        'Makes the request safe to repeat: with the same key and input, the same ticket is answered, however ' +
        'often and however late. One key space for each shop and both doors. ' +
        `1 to ${IDEMPOTENCY_KEY_LIMIT} printable ASCII characters.`,
    }),
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
