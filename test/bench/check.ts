import { deepStrictEqual, fail, ok } from 'node:assert/strict';
import { OperatorError, reasonOf } from '../../src/operator-error.ts';
import { FOREIGN_CUSTOMER, KEY } from './dataset.ts';
import type { RunningPeer } from './peers.ts';
import { contentOf, readTicket, type TicketContent, type TicketRow } from './tickets.ts';

/** Reads rows of the peers' database. */
export type Query = <Row>(text: string, values: readonly unknown[]) => Promise<Row[]>;

interface PlainAnswer {
  readonly status: number;
  readonly text: string;
}

async function ask({ door, port }: RunningPeer, content: TicketContent): Promise<PlainAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}${door.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': KEY },
    body: JSON.stringify(door.bodyOf(content)),
  });
  return { status: response.status, text: await response.text() };
}

// Two times are the same whether they come as a date or as text.
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

async function checkTicket(peer: RunningPeer, query: Query, content: TicketContent): Promise<void> {
  const { status, text } = await ask(peer, content);
  const id = /"ticket":\{[^}]*?"id":"(\d+)"/.exec(text)?.[1] ?? fail(`It answered ${status} ${text}`);
  ok(
    peer.door.status.endsWith(`${status}`) && text.includes(peer.door.mark),
    `It answered ${status} ${text}`,
  );
  deepStrictEqual(JSON.parse(text), peer.door.answerOf(content, id), 'Its answer is not that ticket');
  const rows = await query<TicketRow>(readTicket, [id]);
  const row = { ...content, humanTickets: content.isOpenedTicket ? 1 : 0 };
  deepStrictEqual(plain(rows), [row], 'The database does not have that ticket');
}

async function checkRefusal(peer: RunningPeer, query: Query): Promise<void> {
  const { status, text } = await ask(peer, contentOf(0, FOREIGN_CUSTOMER));
  ok(text.includes(peer.door.refusal), `For another shop's customer it answered ${status} ${text}`);
  const rows = await query('SELECT id FROM tickets WHERE customer_id = $1', [FOREIGN_CUSTOMER]);
  deepStrictEqual(rows, [], "Another shop's customer has a ticket");
}

/**
 * Checks that a peer does its work before it is measured: it answers with the ticket, the ticket is in the
 * database with a human ticket just when it was to be opened, and another shop's customer gets none. More often
 * than a peer needs to compile its operation, so that the compiled one is checked as well. Throws an
 * OperatorError that says what is amiss.
 */
export async function checkPeer(peer: RunningPeer, query: Query): Promise<void> {
  try {
    for (let number = 0; number < 10; number += 1) {
      await checkTicket(peer, query, contentOf(number));
      await checkRefusal(peer, query);
    }
  } catch (error) {
    throw new OperatorError(`${peer.name} does not do what it is to be measured at: ${reasonOf(error)}`);
  }
}
