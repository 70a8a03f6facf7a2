import { builder } from './builder.ts';

builder.prismaObject('User', {
  description: 'An agent of the shop, to whom tickets can be assigned.',
  fields: (t) => ({
    id: t.exposeInt('id', { description: 'Number of the agent, which `assignedTo` of a new ticket takes.' }),
    email: t.exposeString('email', { description: 'E-mail address.' }),
    firstName: t.exposeString('firstName', { nullable: true, description: 'First name.' }),
    lastName: t.exposeString('lastName', { nullable: true, description: 'Last name.' }),
  }),
});
