import { REQUEST_ID } from '../http/arrival.ts';
import { BODY_LIMITS } from '../http/body-limits.ts';
import { TICKETS_PATH } from '../http/door-paths.ts';
import { v1Fields } from '../rest/fields.ts';
import { credentials } from './credentials.ts';
import { answerTo, bodies, EXAMPLE_REQUEST_ID } from './examples.ts';
import { describeFailures, failure, fieldError } from './failures.ts';
import { answerHeaders, headersNamed } from './headers.ts';
import { describeBody, describeInput, describeTicket } from './ticket.ts';

const headerParameters = v1Fields.flatMap((field) => {
  if (field.header === undefined || field.input === undefined) return [];
  const { description, ...schema } = describeInput({ ...field, input: field.input });
  return [{ name: field.header, in: 'header', description, schema, example: 'order-1204' }];
});

const requestIdParameter = {
  name: 'x-request-id',
  in: 'header',
  description:
    'A name for the request, by which its line in the log is found. Another is made where this is none.',
  schema: { type: 'string', pattern: REQUEST_ID.source },
  example: EXAMPLE_REQUEST_ID,
};

const created = {
  description: 'The ticket was created, now or by an earlier request with the same idempotency key.',
  headers: headersNamed(['x-request-id', 'RateLimit', 'RateLimit-Policy', 'Idempotent-Replayed']),
  content: {
    'application/json': {
      schema: { $ref: '#/components/schemas/Created' },
      examples: Object.fromEntries(
        Object.entries(bodies).map(([name, { summary, value }]) => [
          name,
          { summary, value: answerTo(value) },
        ]),
      ),
    },
  },
};

const createTicket = {
  operationId: 'createTicket',
  tags: ['Tickets'],
  summary: 'Create a ticket',
  description:
    'Creates a ticket (a conversation) for an existing customer. Needs the scope `tickets:write`. The body has at ' +
    `most ${BODY_LIMITS}, and is not compressed.`,
  security: Object.keys(credentials).map((name) => ({ [name]: [] })),
  parameters: [...headerParameters, requestIdParameter],
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: { $ref: '#/components/schemas/NewTicket' }, examples: bodies },
    },
  },
  responses: { 201: created, ...describeFailures() },
};

/** The REST v1 door in OpenAPI 3.1, made of what the door itself runs on. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'Ticket gateway, REST v1',
    version: '1.0.0',
    summary: "A helpdesk's ticket desk.",
    description:
      'A failure has a text for people in `error`, and for programs a `code`, which is stable. Fields may be added ' +
      'to answers, and codes to failures: ignore what you do not know.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'The gateway that serves this document.' }],
  tags: [{ name: 'Tickets', description: 'Conversations of customers.' }],
  paths: { [TICKETS_PATH]: { post: createTicket } },
  components: {
    securitySchemes: credentials,
    schemas: {
      NewTicket: describeBody(),
      Ticket: describeTicket(),
      Created: {
        type: 'object',
        description: 'The ticket was created.',
        required: ['success', 'ticket'],
        properties: {
          success: { type: 'boolean', const: true, description: 'Always true.' },
          ticket: { $ref: '#/components/schemas/Ticket' },
        },
      },
      Failure: failure,
      FieldError: fieldError,
    },
    headers: answerHeaders,
  },
};
