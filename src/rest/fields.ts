import type { Ticket } from '../db/generated/prisma/client.ts';
import type { CreateTicketInput, JsonSchema } from '../tickets/input.ts';
import { SHOP_DOMAIN_MEANING, ticketMeanings } from '../tickets/meanings.ts';
import { digits, flag, quoted, type Spelling } from './spellings.ts';

/** What v1 shows of a ticket: the ticket, and the domain of its shop. */
export interface ShownTicket {
  readonly ticket: Ticket;
  readonly shopDomain: string;
}

/** One field of the v1 API, in every direction in which it travels. */
export interface V1Field {
  /** Its name in the body of a request, and in the errors about it; absent when it is not sent there. */
  readonly body?: string;
  /** The name of the request's header that it is sent in, and its name in the errors about it. */
  readonly header?: string;
  /** The input of createTicket that it becomes, and the column of the ticket that it shows. */
  readonly input?: keyof CreateTicketInput & keyof Ticket;
  /** What v1 allows beside the plain value. */
  readonly spelling?: Spelling;
  /** Its name in the response; absent when it is not shown. */
  readonly response?: string;
  /** What the response shows, where that is not the column as it is. */
  readonly show?: (shown: ShownTicket) => unknown;
  /** What that is, in JSON Schema. */
  readonly shown?: JsonSchema;
}

/** The v1 API: its fields in the order of the documented response, then those that its example leaves out. */
export const v1Fields: readonly V1Field[] = [
  {
    response: 'id',
    show: ({ ticket }) => ticket.id.toString(),
    shown: { type: 'string', pattern: '^[0-9]+$', description: ticketMeanings.id },
  },
  { body: 'customerId', input: 'customerId', spelling: digits, response: 'customerID' },
  { body: 'Channel', input: 'channel', response: 'Channel' },
  { body: 'name', input: 'name', response: 'name' },
  { body: 'threadId', input: 'threadId', response: 'threadId' },
  { body: 'emailUsed', input: 'emailUsed', response: 'emailUsed' },
  { body: 'lastMessage', input: 'lastMessage', response: 'lastMessage' },
  { body: 'contact_reason', input: 'contactReason', response: 'contact_reason' },
  { body: 'assigned_to', input: 'assignedTo', spelling: digits, response: 'assigned_to' },
  { body: 'isOpenedTicket', input: 'isOpenedTicket', spelling: flag, response: 'isOpenedTicket' },
  { body: 'tags', input: 'tags', response: 'tags' },
  { body: 'language_code', input: 'languageCode', response: 'language_code' },
  { body: 'via', input: 'via', response: 'via' },
  { body: 'unReadChatCount', input: 'unreadChatCount', spelling: digits, response: 'unReadChatCount' },
  // JSON.stringify would make the same texts, but it calls a date's toJSON, which takes twice as long.
  { body: 'date', input: 'date', response: 'date', show: ({ ticket }) => ticket.date.toISOString() },
  {
    body: 'lastMessageTime',
    input: 'lastMessageTime',
    response: 'lastMessageTime',
    show: ({ ticket }) => ticket.lastMessageTime.toISOString(),
  },
  { header: 'Idempotency-Key', input: 'idempotencyKey', spelling: quoted },
  {
    response: 'shopDomain',
    show: ({ shopDomain }) => shopDomain,
    shown: { type: 'string', description: SHOP_DOMAIN_MEANING },
  },
];
