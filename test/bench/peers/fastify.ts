import Fastify from 'fastify';
import { findShop, insertTicket } from './by-hand.ts';

// One route, written by hand as well as one can, with compiled schemas for the body and for the answer. It does
// what v1 documents for a good request, and nothing of what the gateway promises besides.

const text = (maxLength: number) => ({ type: ['string', 'null'], maxLength });
const instant = { type: ['string', 'null'], format: 'date-time' };
const ticketBody = {
  type: 'object',
  required: ['customerId', 'Channel'],
  properties: {
    customerId: { type: 'integer', minimum: 1, maximum: 2_147_483_647 },
    Channel: { type: 'string', minLength: 1, maxLength: 64 },
    name: text(998),
    threadId: text(998),
    emailUsed: text(320),
    date: instant,
    lastMessage: text(65_536),
    lastMessageTime: instant,
    contact_reason: text(255),
    assigned_to: { type: ['integer', 'null'], minimum: 1, maximum: 2_147_483_647 },
    isOpenedTicket: { type: 'boolean', default: false },
    unReadChatCount: { type: 'integer', minimum: 0, maximum: 2_147_483_647, default: 0 },
    tags: { type: 'array', maxItems: 100, items: { type: 'string', maxLength: 255 }, default: [] },
    language_code: text(35),
    via: text(255),
  },
};

const string = { type: ['string', 'null'] };
const integer = { type: ['integer', 'null'] };
const created = {
  type: 'object',
  properties: {
    success: { type: 'boolean' },
    ticket: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        customerID: { type: 'integer' },
        Channel: { type: 'string' },
        name: string,
        threadId: string,
        emailUsed: string,
        lastMessage: string,
        contact_reason: string,
        assigned_to: integer,
        isOpenedTicket: { type: 'boolean' },
        tags: { type: 'array', items: { type: 'string' } },
        language_code: string,
        via: string,
        unReadChatCount: { type: 'integer' },
        date: { type: 'string', format: 'date-time' },
        lastMessageTime: { type: 'string', format: 'date-time' },
        shopDomain: { type: 'string' },
      },
    },
  },
};

interface TicketBody {
  readonly customerId: number;
  readonly Channel: string;
  readonly name?: string | null;
  readonly threadId?: string | null;
  readonly emailUsed?: string | null;
  readonly date?: string | null;
  readonly lastMessage?: string | null;
  readonly lastMessageTime?: string | null;
  readonly contact_reason?: string | null;
  readonly assigned_to?: number | null;
  readonly isOpenedTicket: boolean;
  readonly unReadChatCount: number;
  readonly tags: readonly string[];
  readonly language_code?: string | null;
  readonly via?: string | null;
}

const server = Fastify({ bodyLimit: 512 * 1024 });

server.post<{ Body: TicketBody }>(
  '/api/v1/tickets',
  { schema: { body: ticketBody, response: { 201: created } } },
  async ({ headers, body }, reply) => {
    const key = headers['x-api-key'];
    if (typeof key !== 'string') return reply.code(401).send({ error: 'Missing API key' });
    const shop = await findShop(key);
    if (shop === undefined) return reply.code(401).send({ error: 'Unauthorized - Invalid API key' });
    const { Channel, contact_reason = null, assigned_to = null, language_code = null, ...same } = body;
    const inserted = await insertTicket(shop, {
      ...same,
      channel: Channel,
      contactReason: contact_reason,
      assignedTo: assigned_to,
      unreadChatCount: same.unReadChatCount,
      languageCode: language_code,
    });
    if (inserted === 'customer not found') return reply.code(404).send({ error: 'Customer not found' });
    if (inserted === 'assignee not found') return reply.code(404).send({ error: 'Assignee not found' });
    return reply.code(201).send({
      success: true,
      ticket: {
        id: inserted.id,
        customerID: body.customerId,
        Channel,
        name: body.name ?? null,
        threadId: body.threadId ?? null,
        emailUsed: body.emailUsed ?? null,
        lastMessage: body.lastMessage ?? null,
        contact_reason,
        assigned_to,
        isOpenedTicket: body.isOpenedTicket,
        tags: body.tags,
        language_code,
        via: body.via ?? null,
        unReadChatCount: body.unReadChatCount,
        date: inserted.date,
        lastMessageTime: inserted.lastMessageTime,
        shopDomain: shop.domain,
      },
    });
  },
);

await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
