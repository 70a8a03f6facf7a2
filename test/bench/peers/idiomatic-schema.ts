import { builder, prisma } from './idiomatic-builder.ts';
import { AssigneeNotFoundError, CustomerNotFoundError, InvalidInputError } from './idiomatic-errors.ts';

builder.queryType({
  fields: (t) => ({ shopDomain: t.string({ resolve: (_root, _args, { shop }) => shop.domain }) }),
});

builder.prismaObject('Ticket', {
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => id.toString() }),
    customerId: t.exposeInt('customerId'),
    channel: t.exposeString('channel'),
    name: t.exposeString('name', { nullable: true }),
    threadId: t.exposeString('threadId', { nullable: true }),
    emailUsed: t.exposeString('emailUsed', { nullable: true }),
    date: t.expose('date', { type: 'DateTime' }),
    lastMessage: t.exposeString('lastMessage', { nullable: true }),
    lastMessageTime: t.expose('lastMessageTime', { type: 'DateTime' }),
    contactReason: t.exposeString('contactReason', { nullable: true }),
    assignedTo: t.exposeInt('assignedTo', { nullable: true }),
    isOpenedTicket: t.exposeBoolean('isOpenedTicket'),
    unreadChatCount: t.exposeInt('unreadChatCount'),
    tags: t.exposeStringList('tags'),
    languageCode: t.exposeString('languageCode', { nullable: true }),
    via: t.exposeString('via', { nullable: true }),
  }),
});

const CreateTicketInput = builder.inputType('CreateTicketInput', {
  fields: (t) => ({
    customerId: t.int({ required: true }),
    channel: t.string({ required: true }),
    name: t.string(),
    threadId: t.string(),
    emailUsed: t.string(),
    date: t.field({ type: 'DateTime' }),
    lastMessage: t.string(),
    lastMessageTime: t.field({ type: 'DateTime' }),
    contactReason: t.string(),
    assignedTo: t.int(),
    isOpenedTicket: t.boolean(),
    unreadChatCount: t.int(),
    tags: t.stringList(),
    languageCode: t.string(),
    via: t.string(),
  }),
});

builder.mutationType({
  fields: (t) => ({
    createTicket: t.prismaField({
      type: 'Ticket',
      args: { input: t.arg({ type: CreateTicketInput, required: true }) },
      errors: {
        types: [InvalidInputError, CustomerNotFoundError, AssigneeNotFoundError],
        union: { name: 'CreateTicketResult' },
        result: {
          name: 'CreateTicketSuccess',
          fields: (result) => ({ replayed: result.boolean({ resolve: () => false }) }),
        },
        dataField: { name: 'ticket' },
      },
      resolve: async (query, _root, { input }, { shop }) => {
        if (input.channel.trim() === '') throw new InvalidInputError('channel');
        const customer = await prisma.customer.findUnique({
          where: { id: input.customerId, shopId: shop.id },
        });
        if (customer === null) throw new CustomerNotFoundError();
        if (input.assignedTo) {
          const assignee = await prisma.user.findUnique({ where: { id: input.assignedTo, shopId: shop.id } });
          if (assignee === null) throw new AssigneeNotFoundError();
        }
        const isOpenedTicket = input.isOpenedTicket ?? false;
        return prisma.ticket.create({
          ...query,
          data: {
            ...input,
            shopId: shop.id,
            date: input.date ?? new Date(),
            lastMessageTime: input.lastMessageTime ?? new Date(),
            isOpenedTicket,
            unreadChatCount: input.unreadChatCount ?? 0,
            tags: input.tags ?? [],
            ...(isOpenedTicket && { humanTicket: { create: {} } }),
          },
        });
      },
    }),
  }),
});

/** The part of the gateway's schema that the benchmark uses, as Pothos is taught. */
export const schema = builder.toSchema();
