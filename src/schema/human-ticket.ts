import { HumanTicketStatus } from '../db/generated/prisma/client.ts';
import { builder } from './builder.ts';

const HumanTicketStatusEnum = builder.enumType(HumanTicketStatus, {
  name: 'HumanTicketStatus',
  description: 'How far people are with a ticket.',
  values: {
    OPEN: { description: 'Waiting for people, or being worked on.' },
    CLOSED: { description: 'Done.' },
  },
});

builder.prismaObject('HumanTicket', {
  description: 'The part of a ticket that people work on.',
  fields: (t) => ({
    id: t.expose('id', { type: 'BigInt', description: 'Number of the human ticket.' }),
    status: t.expose('status', { type: HumanTicketStatusEnum, description: 'How far people are with it.' }),
    openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When it was opened.' }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was closed; null while it is open.',
    }),
  }),
});
