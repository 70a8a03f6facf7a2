import type { Ticket } from '../db/generated/prisma/client.ts';
import { type CreateTicketInput, IDEMPOTENCY_KEY_LIMIT, tagLimits } from './input.ts';

/** What each field of a ticket to be created means, in words that hold for both doors. */
export const inputMeanings = {
  customerId: 'Number of a customer of the shop.',
  channel: 'How the customer wrote, such as Mail, Website, Facebook, Instagram or Helpwave.',
  name: 'Name or subject of the conversation.',
  threadId: 'Thread of an e-mail conversation.',
  emailUsed: 'E-mail address used for the conversation.',
  date: 'When the conversation took place; now by default.',
  lastMessage: 'First or latest message.',
  lastMessageTime: 'When lastMessage was written; now by default.',
  contactReason: 'Why the customer wrote.',
  assignedTo: 'Number of an agent of the shop to assign the ticket to.',
  isOpenedTicket: 'Whether to open a human ticket; false by default.',
  unreadChatCount: 'How many messages nobody has read yet; 0 by default.',
  tags: `Labels, at most ${tagLimits.count} of ${tagLimits.length} characters each; none by default.`,
  languageCode: 'Language, such as en.',
  via: 'What the ticket comes through, such as api.',
  idempotencyKey:
    'Makes the request safe to repeat: with the same key and input, the same ticket is answered, however ' +
    'often and however late. One key space for each shop and both doors. ' +
    `1 to ${IDEMPOTENCY_KEY_LIMIT} printable ASCII characters.`,
} as const satisfies Record<keyof CreateTicketInput, string>;

/** What each field of a ticket means, in words that hold for both doors. */
export const ticketMeanings = {
  id: 'Number of the ticket; a later ticket has a larger one.',
  customerId: 'Number of the customer.',
  channel: 'How the customer wrote, such as Mail or Website.',
  name: 'Name or subject of the conversation.',
  threadId: 'Thread of an e-mail conversation.',
  emailUsed: 'E-mail address that was written to or from.',
  date: 'When the conversation took place.',
  lastMessage: 'First or latest message.',
  lastMessageTime: 'When lastMessage was written.',
  contactReason: 'Why the customer wrote.',
  assignedTo: 'Number of the agent it is assigned to.',
  isOpenedTicket: 'Whether it was opened for people to work on.',
  unreadChatCount: 'How many messages nobody has read yet.',
  tags: 'Labels, in the order given.',
  languageCode: 'Language, such as en.',
  via: 'What the ticket came through, such as api.',
  createdAt: 'When the ticket was created.',
} as const satisfies Partial<Record<keyof Ticket, string>>;

/** What the domain of a shop means. */
export const SHOP_DOMAIN_MEANING = 'Domain that names the shop.';
