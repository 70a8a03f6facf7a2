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

const ErrorCodeEnum = builder.enumType('ErrorCode', {
  description: 'Why a request failed. Stable: programs may depend on it.',
  values: Object.fromEntries(
    Object.entries(errorCodes).map(([code, { description }]) => [code, { description }]),
  ) as Record<ErrorCode, { description: string }>,
});

const FieldErrorCodeEnum = builder.enumType('FieldErrorCode', {
  description: 'What is wrong with one field. Stable: programs may depend on it.',
  values: Object.fromEntries(
    Object.entries(fieldErrorCodes).map(([code, description]) => [code, { description }]),
  ) as Record<FieldErrorCode, { description: string }>,
});

const ErrorInterface = builder.interfaceRef<GatewayError>('Error').implement({
  description: 'An expected failure of a mutation. Nothing was changed.',
  fields: (t) => ({
    code: t.field({
      type: ErrorCodeEnum,
      description: 'Why it failed, for programs.',
      resolve: (error) => error.code,
    }),
    message: t.exposeString('message', { description: 'Why it failed, for people.' }),
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
  description: 'Fields of the input are missing or bad.',
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
  description: 'The shop has no customer with this id.',
  interfaces: [ErrorInterface],
});

builder.objectType(AssigneeNotFoundError, {
  name: 'AssigneeNotFoundError',
  description: 'The shop has no agent with this id.',
  interfaces: [ErrorInterface],
});

builder.objectType(IdempotencyConflictError, {
  name: 'IdempotencyConflictError',
  description: 'The idempotency key was used before, with other input.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    ticketId: t.expose('ticketId', { type: 'BigInt', description: 'The ticket that the key was used for.' }),
  }),
});
