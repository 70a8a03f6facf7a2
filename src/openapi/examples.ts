import {
  AssigneeNotFoundError,
  CustomerNotFoundError,
  type ErrorCode,
  GatewayError,
  IdempotencyConflictError,
} from '../errors.ts';
import { MAXIMUM_BODY_BYTES } from '../http/body-limits.ts';
import { readRequest, showError, showTicket } from '../rest/encoding.ts';
import { checkInput } from '../tickets/input.ts';
import { ticketOf } from '../tickets/insert-tickets.ts';

const TICKET_ID = '987654321012345678';
const NOW = new Date('2026-11-22T16:00:00.000Z');

/** The id that the examples of requests and answers have. */
export const EXAMPLE_REQUEST_ID = 'import-7-row-1204';

/** The domain of the examples' shop, which has customer 123 and agent 45. */
const EXAMPLE_SHOP = 'shop.example';

/** Bodies of requests, each with what it is an example of. */
export const bodies = {
  documented: {
    summary: 'Most fields',
    value: {
      customerId: 123,
      Channel: 'Mail',
      name: 'Refund request',
      threadId: 'thread-001',
      emailUsed: 'support@example.com',
      lastMessage: 'Hello, I need a refund.',
      contact_reason: 'refund',
      assigned_to: 45,
      isOpenedTicket: true,
      unReadChatCount: 1,
      tags: ['refund', 'vip'],
      language_code: 'en',
      via: 'api',
    },
  },
  least: { summary: 'What is required', value: { customerId: 123, Channel: 'Website' } },
  lenient: {
    summary: 'Spellings that are taken, too',
    value: {
      customerId: '123',
      Channel: 'Mail',
      name: null,
      assigned_to: '45',
      isOpenedTicket: 'true',
      unReadChatCount: '2',
      date: '2026-11-22T09:30:00',
      lastMessageTime: '2026-11-22',
    },
  },
} as const;

/** The answer to an example of a body, made as the door makes it. */
export function answerTo(body: Readonly<Record<string, unknown>>): object {
  const draft = checkInput(readRequest(body, {}));
  const ticket = ticketOf({ shopId: 1, requestHash: null, ...draft }, TICKET_ID, NOW);
  return showTicket({ ticket, shopDomain: EXAMPLE_SHOP });
}

// The error that the input rules throw for an empty body.
function invalidInput(): GatewayError {
  try {
    checkInput({});
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('An empty body breaks no rule');
}

const plainErrors: Partial<Record<ErrorCode, string>> = {
  MISSING_API_KEY: 'Missing API key',
  INVALID_API_KEY: 'Unauthorized - Invalid API key',
  INVALID_TOKEN: 'The token has expired',
  FORBIDDEN: 'The API key lacks the scope tickets:write',
  SHOP_NOT_FOUND: 'Shop not found',
  INVALID_JSON: 'The body must be a JSON object in UTF-8',
  METHOD_NOT_ALLOWED: 'Method not allowed; use POST',
  PAYLOAD_TOO_LARGE: `The body must have at most ${MAXIMUM_BODY_BYTES} bytes`,
  UNSUPPORTED_MEDIA_TYPE: 'The body must be sent as application/json',
  BAD_REQUEST: 'The credential must be sent once',
  RATE_LIMITED: 'Too many tickets: the API key may create 100 a second',
  UNAVAILABLE: 'The database does not answer',
  INTERNAL_SERVER_ERROR: 'Unexpected error',
};

const errors: readonly GatewayError[] = [
  invalidInput(),
  new CustomerNotFoundError(),
  new AssigneeNotFoundError(),
  new IdempotencyConflictError(BigInt(TICKET_ID)),
  ...Object.entries(plainErrors).map(([code, message]) => new GatewayError(code as ErrorCode, message)),
];

/** The answer to a request that fails so, made as the door makes it. */
export function refusalOf(code: ErrorCode): object {
  const error = errors.find((candidate) => candidate.code === code);
  if (error === undefined) throw new Error(`There is no example of ${code}`);
  return showError(error, EXAMPLE_REQUEST_ID);
}
