import { BODY_LIMITS } from './http/body-limits.ts';

/** Where an error code stands in HTTP, and what it tells a client. The one table, for both doors. */
export const errorCodes = {
  MISSING_API_KEY: { status: 401, description: 'The request carries no API key.' },
  INVALID_API_KEY: { status: 401, description: 'The API key is unknown, expired or revoked.' },
  INVALID_TOKEN: {
    status: 401,
    description: 'The token has expired, is not signed as it must be, or is not for this gateway.',
  },
  FORBIDDEN: { status: 403, description: 'The credential lacks the scope that the operation needs.' },
  SHOP_NOT_FOUND: {
    status: 404,
    description: "The credential's shop has been closed, or is not there.",
  },
  CUSTOMER_NOT_FOUND: { status: 404, description: 'The shop has no customer with this id.' },
  ASSIGNEE_NOT_FOUND: { status: 404, description: 'The shop has no agent with this id.' },
  IDEMPOTENCY_CONFLICT: {
    status: 422,
    description: 'The idempotency key was used before, with other input.',
  },
  INVALID_INPUT: { status: 400, description: 'A field is missing or bad; every bad field is named.' },
  NOT_FOUND: { status: 404, description: 'Nothing is served at this path.' },
  INVALID_JSON: { status: 400, description: 'The body is not a JSON object in UTF-8.' },
  METHOD_NOT_ALLOWED: {
    status: 405,
    description: 'The path does not take this method; see the Allow header.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, description: `The body exceeds its limits: ${BODY_LIMITS}.` },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    description: 'The body is not sent as application/json, or it is compressed.',
  },
  BAD_REQUEST: {
    status: 400,
    description: 'The HTTP request itself is malformed, or carries several credentials.',
  },
  RATE_LIMITED: {
    status: 429,
    description: 'The credential creates tickets too fast, or the address sends too many invalid ones.',
  },
  GRAPHQL_PARSE_FAILED: { status: 400, description: 'The GraphQL document has a syntax error.' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, description: 'The GraphQL document does not fit the schema.' },
  DOCUMENT_TOO_COMPLEX: {
    status: 400,
    description:
      'The GraphQL document exceeds a limit of its size, depth, aliases, directives, cost, or the texts of its tickets.',
  },
  DOCUMENT_NOT_TRUSTED: {
    status: 400,
    description: 'The gateway runs trusted documents only, and the GraphQL document is none of them.',
  },
  BAD_USER_INPUT: {
    status: 400,
    description: 'The GraphQL parameters or variables do not fit the operation.',
  },
  UNAVAILABLE: { status: 503, description: 'The gateway cannot serve at the moment; try again later.' },
  INTERNAL_SERVER_ERROR: { status: 500, description: 'An unexpected fault, logged under the request id.' },
} as const satisfies Record<string, { status: number; description: string }>;

/** A stable, documented code that names why a request failed. */
export type ErrorCode = keyof typeof errorCodes;

/** The faults of a GraphQL document or its variables. Every other code can be that of either door. */
export const documentFaults: readonly ErrorCode[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'DOCUMENT_TOO_COMPLEX',
  'DOCUMENT_NOT_TRUSTED',
  'BAD_USER_INPUT',
];

/** A failure that a client is told about: its code, a message safe to show, and headers the answer needs. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, headers: Record<string, string> = {}) {
    // Where a refusal was made is in its code, and to write the stack down costs as much as a tenth of the answer.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = new.target.name;
    this.code = code;
    this.headers = headers;
  }

  /** The HTTP status of the answer. */
  get status(): number {
    return errorCodes[this.code].status;
  }
}

/** What is wrong with one field. */
export const fieldErrorCodes = {
  REQUIRED: 'The field is missing or blank.',
  INVALID_TYPE: 'The value is of another type than the field.',
  OUT_OF_RANGE: 'The number is below or above what the field takes.',
  TOO_LONG: 'The text or the list is longer than the field takes.',
  INVALID_TEXT:
    'The text holds characters that the field cannot hold, such as NUL or half of a surrogate pair.',
  INVALID_DATE: 'The text is not an ISO 8601 date that exists.',
} as const;

/** A stable code that names what is wrong with one field. */
export type FieldErrorCode = keyof typeof fieldErrorCodes;

/** One bad field: where it is in the input, and the rule it breaks, such as "is required". */
export interface FieldError {
  readonly path: readonly string[];
  readonly code: FieldErrorCode;
  readonly rule: string;
}

/** The input breaks rules; carries every one of them, in the order of the fields. */
export class InvalidInputError extends GatewayError {
  readonly fields: readonly FieldError[];

  constructor(fields: readonly FieldError[]) {
    super('INVALID_INPUT', fields.map((field) => `${field.path.join('.')} ${field.rule}`).join('; '));
    this.fields = fields;
  }
}

/** The credential's shop has been closed, or is not there. */
export class ShopNotFoundError extends GatewayError {
  constructor() {
    super('SHOP_NOT_FOUND', 'Shop not found');
  }
}

/** The shop has no such customer; the same whether or not another shop has. */
export class CustomerNotFoundError extends GatewayError {
  constructor() {
    super('CUSTOMER_NOT_FOUND', 'Customer not found');
  }
}

/** The shop has no such agent; the same whether or not another shop has. */
export class AssigneeNotFoundError extends GatewayError {
  constructor() {
    super('ASSIGNEE_NOT_FOUND', 'Assignee not found');
  }
}

/** The idempotency key was used before with other input; names the shop's own ticket that has it. */
export class IdempotencyConflictError extends GatewayError {
  readonly ticketId: bigint;

  constructor(ticketId: bigint) {
    super('IDEMPOTENCY_CONFLICT', `The idempotency key was used with other input, for ticket ${ticketId}`);
    this.ticketId = ticketId;
  }
}

/** The request was not done in time, and is no longer waited for. */
export class TookTooLongError extends GatewayError {
  constructor() {
    super('UNAVAILABLE', 'The request took too long', { 'retry-after': '1' });
  }
}
