import { AGENTS, CUSTOMERS } from './dataset.ts';

/** The content of a ticket, by the names of the GraphQL input. */
export type TicketContent = ReturnType<typeof contentOf>;

/** A realistic ticket: a customer's first mail about an order, assigned to an agent; every second one opened. */
export const contentOf = (number: number, customerId = 1 + (number % CUSTOMERS)) => ({
  customerId,
  channel: 'Mail',
  name: `Order ${100_000 + number} has not arrived`,
  threadId: `<CAF8${number.toString(16).padStart(12, '0')}@mail.customer.example>`,
  emailUsed: 'support@bench.example',
  date: '2026-11-22T09:30:00.000Z',
  lastMessage:
    'Hello, I ordered the blue armchair three weeks ago and have heard nothing since the confirmation. ' +
    'Could you please look up where the parcel is, and when I can expect it? — Kind regards, Ada',
  lastMessageTime: '2026-11-22T09:30:00.000Z',
  contactReason: 'delivery',
  assignedTo: 1 + (number % AGENTS),
  isOpenedTicket: number % 2 === 0,
  unreadChatCount: 1,
  tags: ['order', 'delivery', 'first-contact'],
  languageCode: 'en',
  via: 'api',
});

/** A ticket as the database has it: its content, and how many human tickets it has. */
export interface TicketRow extends TicketContent {
  readonly humanTickets: number;
}

/** Reads the ticket with an id, whose dates come as dates. */
export const readTicket = `
  SELECT ticket.customer_id AS "customerId", channel, name, thread_id AS "threadId", email_used AS "emailUsed",
    date, last_message AS "lastMessage", last_message_time AS "lastMessageTime",
    contact_reason AS "contactReason", assigned_to AS "assignedTo", is_opened_ticket AS "isOpenedTicket",
    unread_chat_count AS "unreadChatCount", tags, language_code AS "languageCode", via,
    (SELECT count(*) FROM human_tickets WHERE ticket_id = ticket.id)::INTEGER AS "humanTickets"
  FROM tickets AS ticket WHERE id = $1`;
