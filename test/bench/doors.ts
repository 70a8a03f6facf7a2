import { KEY, SHOP_DOMAIN } from './dataset.ts';
import { contentOf, type TicketContent } from './tickets.ts';

/** How tickets are asked for through a door, and what its answers look like. */
export interface Door {
  readonly path: string;
  /** The body of a request for a ticket. */
  bodyOf(content: TicketContent): object;
  /** What the first line of a good answer starts with. */
  readonly status: string;
  /** What the body of a good answer holds, and of no other. */
  readonly mark: string;
  /** All that a good answer says, when the ticket got this id. */
  answerOf(content: TicketContent, id: string): object;
  /** What an answer says at least when the shop does not have the customer. */
  readonly refusal: string;
}

const v1Names = ({
  channel,
  contactReason,
  assignedTo,
  languageCode,
  unreadChatCount,
  ...same
}: TicketContent) => ({
  ...same,
  Channel: channel,
  contact_reason: contactReason,
  assigned_to: assignedTo,
  language_code: languageCode,
  unReadChatCount: unreadChatCount,
});

const rest: Door = {
  path: '/api/v1/tickets',
  bodyOf: v1Names,
  status: 'HTTP/1.1 201',
  mark: '"success":true',
  answerOf(content, id) {
    const { customerId, ...same } = v1Names(content);
    return { success: true, ticket: { id, customerID: customerId, ...same, shopDomain: SHOP_DOMAIN } };
  },
  refusal: '"error":"Customer not found"',
};

const query = `mutation CreateTicket($input: CreateTicketInput!) {
  createTicket(input: $input) {
    ... on CreateTicketSuccess {
      replayed
      ticket {
        id customerId channel name threadId emailUsed date lastMessage lastMessageTime contactReason
        assignedTo isOpenedTicket unreadChatCount tags languageCode via
      }
    }
    ... on Error { code message }
    ... on InvalidInputError { fields { path code message } }
  }
}`;

const graphql: Door = {
  path: '/graphql',
  bodyOf: (content) => ({ query, operationName: 'CreateTicket', variables: { input: content } }),
  status: 'HTTP/1.1 200',
  mark: '"ticket":{"id":"',
  answerOf: (content, id) => ({ data: { createTicket: { replayed: false, ticket: { id, ...content } } } }),
  refusal: '"code":"CUSTOMER_NOT_FOUND"',
};

/** The doors that a peer can have. */
export const doors = { rest, graphql };

/** A request, as it goes over the wire. */
function requestFor(door: Door, content: TicketContent): Buffer {
  const body = JSON.stringify(door.bodyOf(content));
  const head = [
    `POST ${door.path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `x-api-key: ${KEY}`,
    'accept: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const VARIANTS = 1_000;

/** A thousand different requests. */
export const requestsThrough = (door: Door): Buffer[] =>
  Array.from({ length: VARIANTS }, (_, number) => requestFor(door, contentOf(number)));
