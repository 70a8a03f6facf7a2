import { documentFaults, type ErrorCode, errorCodes, fieldErrorCodes } from '../errors.ts';
import type { JsonSchema } from '../tickets/input.ts';
import { refusalOf } from './examples.ts';
import { type AnswerHeader, headersNamed } from './headers.ts';

const restCodes = (Object.keys(errorCodes) as ErrorCode[]).filter((code) => !documentFaults.includes(code));

const listed = (entries: readonly (readonly [string, string])[]): string =>
  entries.map(([code, description]) => `- \`${code}\`: ${description}`).join('\n');

/** What is wrong with one field. */
export const fieldError: JsonSchema = {
  type: 'object',
  description: 'What is wrong with one field.',
  required: ['field', 'code', 'message'],
  properties: {
    field: { type: 'string', description: 'The name of the field, or of the header.', examples: ['Channel'] },
    code: {
      type: 'string',
      enum: Object.keys(fieldErrorCodes),
      description: `What is wrong, for programs.\n\n${listed(Object.entries(fieldErrorCodes))}`,
    },
    message: {
      type: 'string',
      description: 'What is wrong, for people; of a list, with the place in it.',
      examples: ['Channel is required', 'tags[3] must be a string'],
    },
  },
};

/** The body of every failure. */
export const failure: JsonSchema = {
  type: 'object',
  description:
    'Why a request failed. With a status of 4xx nothing was created. With 5xx it is not known; the request is safe to ' +
    'repeat with the same idempotency key.',
  required: ['error', 'code', 'requestId'],
  properties: {
    error: { type: 'string', description: 'Why it failed, for people.' },
    code: { type: 'string', enum: restCodes, description: 'Why it failed, for programs.' },
    details: {
      type: 'array',
      items: { $ref: '#/components/schemas/FieldError' },
      description: 'With `INVALID_INPUT`: every bad field, in the order of the ticket.',
    },
    ticketId: {
      type: 'string',
      pattern: '^[0-9]+$',
      description: 'With `IDEMPOTENCY_CONFLICT`: the ticket that the key was used for.',
    },
    requestId: { type: 'string', description: 'The same as in the header `x-request-id`.' },
  },
};

const ownHeaders: Readonly<Record<number, readonly AnswerHeader[]>> = {
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  415: ['Accept-Encoding'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

function describeFailure(status: number, codes: readonly ErrorCode[]): JsonSchema {
  return {
    description: listed(codes.map((code) => [code, errorCodes[code].description])),
    headers: headersNamed(['x-request-id', 'RateLimit', 'RateLimit-Policy', ...(ownHeaders[status] ?? [])]),
    content: {
      'application/json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Failure' },
            { type: 'object', properties: { code: { type: 'string', enum: codes } } },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { value: refusalOf(code) }])),
      },
    },
  };
}

/** The failures of a request to a path that is served, by their status. */
export function describeFailures(): JsonSchema {
  const codes = restCodes.filter((code) => code !== 'NOT_FOUND');
  const statusOf = (code: ErrorCode) => errorCodes[code].status;
  const statuses = new Set(codes.map(statusOf));
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      describeFailure(
        status,
        codes.filter((code) => statusOf(code) === status),
      ),
    ]),
  );
}
