import { builder } from './builder.ts';

builder.prismaObject('Customer', {
  description: 'A person or firm that writes to the shop.',
  fields: (t) => ({
    id: t.exposeInt('id', {
      description: 'Number of the customer, which `customerId` of a new ticket takes.',
    }),
    email: t.exposeString('email', { nullable: true, description: 'E-mail address.' }),
    phoneNumber: t.exposeString('phoneNumber', { nullable: true, description: 'Telephone number.' }),
    firstName: t.exposeString('firstName', { nullable: true, description: 'First name.' }),
    lastName: t.exposeString('lastName', { nullable: true, description: 'Last name.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the customer was recorded.' }),
  }),
});
