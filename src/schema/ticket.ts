import { requireScope } from '../auth/scopes.ts';
import { ticketMeanings } from '../tickets/meanings.ts';
import { builder } from './builder.ts';
import { showText } from './shown-texts.ts';

/** A conversation of a customer. */
export const TicketObject = builder.prismaObject('Ticket', {
  description: 'A conversation of a customer with a shop.',
  fields: (t) => ({
    id: t.expose('id', { type: 'BigInt', description: ticketMeanings.id }),
    customerId: t.exposeInt('customerId', { description: ticketMeanings.customerId }),
    channel: t.exposeString('channel', { description: ticketMeanings.channel }),
    name: t.exposeString('name', { nullable: true, description: ticketMeanings.name }),
    threadId: t.exposeString('threadId', { nullable: true, description: ticketMeanings.threadId }),
    emailUsed: t.exposeString('emailUsed', { nullable: true, description: ticketMeanings.emailUsed }),
    date: t.expose('date', { type: 'DateTime', description: ticketMeanings.date }),
    lastMessage: t.string({
      nullable: true,
      description: ticketMeanings.lastMessage,
      resolve: ({ lastMessage }, _arguments, context) => showText(context, lastMessage),
    }),
    lastMessageTime: t.expose('lastMessageTime', {
      type: 'DateTime',
      description: ticketMeanings.lastMessageTime,
    }),
    contactReason: t.exposeString('contactReason', {
      nullable: true,
      description: ticketMeanings.contactReason,
    }),
    assignedTo: t.exposeInt('assignedTo', { nullable: true, description: ticketMeanings.assignedTo }),
    isOpenedTicket: t.exposeBoolean('isOpenedTicket', { description: ticketMeanings.isOpenedTicket }),
    unreadChatCount: t.exposeInt('unreadChatCount', { description: ticketMeanings.unreadChatCount }),
    tags: t.stringList({
      description: ticketMeanings.tags,
      resolve: ({ tags }, _arguments, context) => showText(context, tags),
    }),
    languageCode: t.exposeString('languageCode', {
      nullable: true,
      description: ticketMeanings.languageCode,
    }),
    via: t.exposeString('via', { nullable: true, description: ticketMeanings.via }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: ticketMeanings.createdAt }),
    shop: t.relation('shop', { description: 'The shop it belongs to.' }),
    customer: t.relation('customer', { description: 'The customer it belongs to.' }),
    assignee: t.relation('assignee', { nullable: true, description: 'The agent it is assigned to.' }),
    humanTicket: t.relation('humanTicket', {
      nullable: true,
      description: 'What people work on; null when the ticket was not opened for them.',
    }),
  }),
});

builder.queryField('ticket', (t) =>
  t.prismaField({
    type: TicketObject,
    nullable: true,
    description:
      'A ticket of the shop; null when it has none with this number. Needs the scope `tickets:read`.',
    args: { id: t.arg({ type: 'BigInt', required: true, description: 'Number of the ticket: its `id`.' }) },
    resolve: (query, _root, { id }, { database, viewer }) => {
      requireScope(viewer, 'tickets:read');
      return database.prisma.ticket.findUnique({ ...query, where: { id, shopId: viewer.shop.id } });
    },
  }),
);
