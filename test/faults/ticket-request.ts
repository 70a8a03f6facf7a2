import { MESSAGE } from '../helpers/planted-secrets.ts';
import type { Answer, Client } from './client.ts';
import { shop } from './engines.ts';

/** A ticket that a client wants, under an idempotency key of its own. */
export interface WantedTicket {
  readonly idempotencyKey: string;
  readonly isOpenedTicket: boolean;
}

/** Which way a request takes. */
export type Door = 'graphql' | 'rest';

/** One try to get a ticket, and what came of it. */
export interface Attempt {
  readonly answer: Answer;
  /** Id of the ticket that the gateway acknowledged. */
  readonly ticketId: string | undefined;
  /** Whether the answer was the one allowed refusal: 503 that tells when to come again. */
  readonly refused: boolean;
}

const headers = { 'content-type': 'application/json', 'x-api-key': shop.key };
const query =
  'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename ' +
  '... on CreateTicketSuccess { ticket { id humanTicket { status } } } ... on Error { code } } }';

function sendThrough(door: Door, client: Client, wanted: WantedTicket): Promise<Answer> {
  const { idempotencyKey, isOpenedTicket } = wanted;
  const shared = { customerId: shop.customerId, lastMessage: `${MESSAGE} ${idempotencyKey}`, isOpenedTicket };
  if (door === 'rest') {
    const body = JSON.stringify({ ...shared, Channel: 'Mail' });
    return client.send('/api/v1/tickets', { ...headers, 'idempotency-key': idempotencyKey }, body);
  }
  const variables = { input: { ...shared, channel: 'Mail', idempotencyKey } };
  return client.send('/graphql', headers, JSON.stringify({ query, variables }));
}

interface AnswerBody {
  readonly ticket?: { readonly id?: string };
  readonly data?: { readonly createTicket?: { readonly ticket?: { readonly id?: string } } };
}

function ticketIdOf({ status, text }: Answer): string | undefined {
  if (status !== 200 && status !== 201) return undefined;
  const { ticket, data } = JSON.parse(text) as AnswerBody;
  return (ticket ?? data?.createTicket?.ticket)?.id;
}

/** Asks for a ticket once. */
export async function attempt(door: Door, client: Client, wanted: WantedTicket): Promise<Attempt> {
  const answer = await sendThrough(door, client, wanted);
  const refused = answer.status === 503 && Number(answer.headers['retry-after']) > 0;
  return { answer, ticketId: ticketIdOf(answer), refused };
}
