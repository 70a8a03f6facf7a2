import { REQUEST_ID } from '../http/arrival.ts';
import type { JsonSchema } from '../tickets/input.ts';

interface Header {
  readonly description: string;
  readonly required?: true;
  readonly schema: JsonSchema;
  readonly example: unknown;
}

const seconds = { type: 'integer', minimum: 1 };

/** The headers of answers, by their names. */
export const answerHeaders = {
  'x-request-id': {
    description:
      'Names the request in the log of the gateway: the `x-request-id` of the request, or where it has none ' +
      'or none that can be taken, a new one.',
    required: true,
    schema: { type: 'string', pattern: REQUEST_ID.source },
    example: 'import-7-row-1204',
  },
  'RateLimit-Policy': {
    description:
      'How many tickets the credential may create: `q` at once, and on average as many again in `w` seconds. Where no ' +
      'credential was accepted, how many `"invalid-credentials"` may come from the address of the client. On every ' +
      'answer, as draft-ietf-httpapi-ratelimit-headers-11 has it.',
    schema: { type: 'string' },
    example: '"tickets";q=150;w=2',
  },
  RateLimit: {
    description:
      'Where the credential stands: `r` tickets can be created now, and in `t` seconds all of `q`, or when `r` is 0, one. ' +
      'Where none was accepted, where the address stands. On every answer.',
    schema: { type: 'string' },
    example: '"tickets";r=120;t=1',
  },
  'Idempotent-Replayed': {
    description:
      '`true` when an earlier request with the same idempotency key created the ticket; else absent.',
    schema: { type: 'string', const: 'true' },
    example: 'true',
  },
  'Retry-After': {
    description: 'Seconds to wait before the request is repeated.',
    required: true,
    schema: seconds,
    example: 1,
  },
  'WWW-Authenticate': {
    description:
      'How a credential can be sent and, when one was refused, that it was; of a token, why, too. As RFC 6750 has it.',
    required: true,
    schema: {
      type: 'string',
      pattern: '^Bearer( error="invalid_token"(, error_description="[^"]+")?)?$',
    },
    example: 'Bearer error="invalid_token", error_description="The token has expired"',
  },
  Allow: {
    description: 'The methods that the path takes.',
    required: true,
    schema: { type: 'string' },
    example: 'POST',
  },
  'Accept-Encoding': {
    description: '`identity`, when the body was refused because it was compressed; else absent.',
    schema: { type: 'string', const: 'identity' },
    example: 'identity',
  },
} as const satisfies Record<string, Header>;

/** The name of a header that answers can have. */
export type AnswerHeader = keyof typeof answerHeaders;

/** Names headers in a description of an answer. */
export const headersNamed = (names: readonly AnswerHeader[]): JsonSchema =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
