import { requireScope } from '../auth/scopes.ts';
import { builder } from './builder.ts';

/** A conversation of a customer. */
export const TicketObject = builder.prismaObject('Ticket', {
  description: 'A conversation of a customer with a shop.',
  fields: (t) => ({
    id: t.expose('id', {
      type: 'BigInt',
      description: 'Number of the ticket; a later ticket has a larger one.',
    }),
    customerId: t.exposeInt('customerId', { description: 'Number of the customer.' }),
    channel: t.exposeString('channel', { description: 'How the customer wrote, such as Mail or Website.' }),
    name: t.exposeString('name', { nullable: true, description: 'Name or subject of the conversation.' }),
    threadId: t.exposeString('threadId', {
      nullable: true,
      description: 'Thread of an e-mail conversation.',
    }),
    emailUsed: t.exposeString('emailUsed', {
      nullable: true,
      description: 'E-mail address that was written to or from.',
    }),
    date: t.expose('date', { type: 'DateTime', description: 'When the conversation took place.' }),
    lastMessage: t.exposeString('lastMessage', { nullable: true, description: 'First or latest message.' }),
    lastMessageTime: t.expose('lastMessageTime', {
      type: 'DateTime',
      description: 'When lastMessage was written.',
    }),
    contactReason: t.exposeString('contactReason', {
      nullable: true,
      description: 'Why the customer wrote.',
    }),
    assignedTo: t.exposeInt('assignedTo', {
      nullable: true,
      description: 'Number of the agent it is assigned to.',
    }),
    isOpenedTicket: t.exposeBoolean('isOpenedTicket', {
      description: 'Whether it was opened for people to work on.',
    }),
    unreadChatCount: t.exposeInt('unreadChatCount', {
      description: 'How many messages nobody has read yet.',
    }),
    tags: t.exposeStringList('tags', { description: 'Labels, in the order given.' }),
    languageCode: t.exposeString('languageCode', { nullable: true, description: 'Language, such as en.' }),
    via: t.exposeString('via', { nullable: true, description: 'What the ticket came through, such as api.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the ticket was created.' }),
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
