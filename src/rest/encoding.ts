import type { IncomingHttpHeaders } from 'node:http';
import {
  type FieldError,
  type GatewayError,
  IdempotencyConflictError,
  InvalidInputError,
} from '../errors.ts';
import type { CreateTicketInput } from '../tickets/input.ts';
import { type ShownTicket, v1Fields } from './fields.ts';

// An object that grows field by field becomes a dictionary for V8, which is slow; a copy of one that has its fields
// already does not. Those that JSON.parse makes have a shape.
function blankOf(names: readonly (string | undefined)[]): Readonly<Record<string, unknown>> {
  const blank = JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, null]))));
  for (const name in blank) blank[name] = undefined;
  return blank;
}

const blankInput = blankOf(v1Fields.flatMap(({ input }) => input ?? []));
const blankTicket = blankOf(v1Fields.flatMap(({ response }) => response ?? []));

/** Turns a v1 request into the input of createTicket. Null is the same as absent; unknown fields are ignored. */
export function readRequest(
  body: Readonly<Record<string, unknown>>,
  headers: IncomingHttpHeaders,
): CreateTicketInput {
  const input: { -readonly [Field in keyof CreateTicketInput]: unknown } = { ...blankInput };
  for (const field of v1Fields) {
    if (field.input === undefined) continue;
    const value = field.header ? headers[field.header.toLowerCase()] : body[field.body ?? ''];
    if (value !== undefined && value !== null)
      input[field.input] = field.spelling ? field.spelling.read(value) : value;
  }
  return input;
}

/** The body of a v1 success. */
export function showTicket(shown: ShownTicket): object {
  const ticket: Record<string, unknown> = { ...blankTicket };
  for (const field of v1Fields) {
    if (field.response === undefined) continue;
    ticket[field.response] = field.show ? field.show(shown) : field.input && shown.ticket[field.input];
  }
  return { success: true, ticket };
}

function nameOf(input: string | undefined): string | undefined {
  const field = v1Fields.find((candidate) => candidate.input === input);
  return field?.body ?? field?.header ?? input;
}

function detailOf({ path: [input, index], code, rule }: FieldError) {
  const field = nameOf(input);
  return { field, code, message: `${field}${index === undefined ? '' : `[${index}]`} ${rule}` };
}

/** The body of a v1 failure: `error` for people, as v1 has it, and beside it what programs want. */
export function showError(error: GatewayError, requestId: string): object {
  const { message, code } = error;
  if (error instanceof InvalidInputError) {
    const details = error.fields.map(detailOf);
    return { error: details[0]?.message ?? message, code, details, requestId };
  }
  if (error instanceof IdempotencyConflictError) {
    return { error: message, code, ticketId: error.ticketId.toString(), requestId };
  }
  return { error: message, code, requestId };
}
