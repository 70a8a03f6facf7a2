import {
  AssigneeNotFoundError,
  CustomerNotFoundError,
  type ErrorCode,
  errorCodes,
  type FieldError,
  type FieldErrorCode,
  fieldErrorCodes,
  type GatewayError,
  IdempotencyConflictError,
  InvalidInputError,
} from '../errors.ts';
import { builder } from './builder.ts';

/** The expected failures of createTicket: data in its result, where everything else is an error of the request. */
export const createTicketFailures = {
  INVALID_INPUT: InvalidInputError,
  CUSTOMER_NOT_FOUND: CustomerNotFoundError,
  ASSIGNEE_NOT_FOUND: AssigneeNotFoundError,
  IDEMPOTENCY_CONFLICT: IdempotencyConflictError,
} as const satisfies { readonly [Code in ErrorCode]?: unknown };

const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description:
    'Why a request failed: `code` of an expected failure, or `extensions.code` of an error. Stable: programs may ' +
    'depend on it. Errors of the document and its variables come with HTTP status 200 to a client that accepts ' +
    'only application/json.',
  values: Object.fromEntries(
    Object.entries(errorCodes).map(([code, { status, description }]) => {
      const where =
        code in createTicketFailures
          ? 'An outcome of `createTicket`, with HTTP status 200.'
          : `HTTP status ${status}.`;
      return [code, { description: `${description} ${where}` }];
    }),
  ) as Record<ErrorCode, { description: string }>,
});

const FieldErrorCodeEnum = builder.enumType('FieldErrorCode', {
  description: 'What is wrong with one field. Stable: programs may depend on it.',
  values: Object.fromEntries(
    Object.entries(fieldErrorCodes).map(([code, description]) => [code, { description }]),
  ) as Record<FieldErrorCode, { description: string }>,
});

const ErrorInterface = builder.interfaceRef<GatewayError>('Error').implement({
  description:
    'An expected failure of a mutation. Nothing was changed. `... on Error { code message }` selects every one, ' +
    'those that may be added later, too.',
  fields: (t) => ({
    code: t.field({
      type: ErrorCodeEnum,
      description: 'Why it failed, for programs.',
      resolve: (error) => error.code,
    }),
    message: t.exposeString('message', { description: 'Why it failed, for people. Its wording may change.' }),
  }),
});

const FieldErrorType = builder.objectRef<FieldError>('FieldError').implement({
  description: 'What is wrong with one field of the input.',
  fields: (t) => ({
    path: t.field({
      type: ['String'],
      description: 'Where the field is in the input, such as ["channel"] or ["tags", "3"].',
      resolve: (error) => [...error.path],
    }),
    code: t.field({
      type: FieldErrorCodeEnum,
      description: 'What is wrong, for programs.',
      resolve: (error) => error.code,
    }),
    message: t.string({
      description: 'What is wrong, for people, such as "channel is required".',
      resolve: ({ path, rule }) => `${path.join('.')} ${rule}`,
    }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'Fields of the input are missing or bad. Nothing was created.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    fields: t.field({
      type: [FieldErrorType],
      description: 'Every bad field, in the order of the input.',
      resolve: (error) => [...error.fields],
    }),
  }),
});

builder.objectType(CustomerNotFoundError, {
  name: 'CustomerNotFoundError',
  description: 'The shop has no customer with the number `customerId`. Nothing was created.',
  interfaces: [ErrorInterface],
});

builder.objectType(AssigneeNotFoundError, {
  name: 'AssigneeNotFoundError',
  description: 'The shop has no agent with the number `assignedTo`. Nothing was created.',
  interfaces: [ErrorInterface],
});

builder.objectType(IdempotencyConflictError, {
  name: 'IdempotencyConflictError',
  description:
    'The idempotency key was used before, with other input. Nothing was created: another ticket needs another key.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    ticketId: t.expose('ticketId', {
      type: 'BigInt',
      description: 'Number of the ticket that the key was used for.',
    }),
  }),
});
