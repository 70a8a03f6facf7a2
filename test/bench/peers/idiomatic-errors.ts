import { builder } from './idiomatic-builder.ts';

/** Fields of the input are missing or bad. */
export class InvalidInputError extends Error {
  readonly code = 'INVALID_INPUT';
  readonly fields: readonly { readonly path: string[]; readonly code: string; readonly message: string }[];

  constructor(field: string) {
    super(`${field} is required`);
    this.fields = [{ path: [field], code: 'REQUIRED', message: this.message }];
  }
}

/** The shop has no such customer. */
export class CustomerNotFoundError extends Error {
  readonly code = 'CUSTOMER_NOT_FOUND';

  constructor() {
    super('Customer not found');
  }
}

/** The shop has no such agent. */
export class AssigneeNotFoundError extends Error {
  readonly code = 'ASSIGNEE_NOT_FOUND';

  constructor() {
    super('Assignee not found');
  }
}

const ErrorInterface = builder.interfaceRef<Error & { readonly code: string }>('Error').implement({
  fields: (t) => ({ code: t.exposeString('code'), message: t.exposeString('message') }),
});

const FieldError = builder.objectRef<InvalidInputError['fields'][number]>('FieldError').implement({
  fields: (t) => ({
    path: t.exposeStringList('path'),
    code: t.exposeString('code'),
    message: t.exposeString('message'),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  interfaces: [ErrorInterface],
  fields: (t) => ({ fields: t.field({ type: [FieldError], resolve: (error) => [...error.fields] }) }),
});
builder.objectType(CustomerNotFoundError, { name: 'CustomerNotFoundError', interfaces: [ErrorInterface] });
builder.objectType(AssigneeNotFoundError, { name: 'AssigneeNotFoundError', interfaces: [ErrorInterface] });
