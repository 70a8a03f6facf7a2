import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { revokeApiKey } from '../src/auth/api-keys.ts';
import { closeShop } from '../src/shops/shops.ts';
import {
  type Creation,
  DATE,
  expectedOfCreation,
  expectedOfReading,
  type Reading,
  ticketFields,
} from './helpers/expected-answers.ts';
import {
  type Answer,
  createTestGateway,
  postGraphQL,
  postTicket,
  startGateway,
  type TestGateway,
} from './helpers/gateway.ts';
import { anyStep, inEmptyWorld, lookUp, type PlannedRequest, type Step } from './helpers/planned-requests.ts';
import { type ModelShop, makeThreeShops } from './helpers/three-shops.ts';

const { database } = await startGateway();

const createTicket = `mutation ($input: CreateTicketInput!) {
  createTicket(input: $input) {
    __typename
    ... on CreateTicketSuccess { replayed ticket { ${ticketFields} } }
    ... on Error { code message }
    ... on IdempotencyConflictError { ticketId }
  }
}`;

function send(gateway: TestGateway, { keys }: ModelShop, request: Creation | Reading): Promise<Answer> {
  const key = keys[request.key].text;
  if (request.kind === 'reading') {
    const fields = request.ticketIds.map(
      (id, index) => `  ticket${index}: ticket(id: "${id}") { ${ticketFields} }`,
    );
    return postGraphQL(gateway, key, `{\n${fields.join('\n')}\n}`);
  }
  const { customerId, assignedTo, isOpenedTicket, idempotencyKey } = request;
  const shared = { customerId, isOpenedTicket, date: DATE, lastMessageTime: DATE };
  if (request.door === 'rest') {
    const body = { ...shared, Channel: 'Mail', assigned_to: assignedTo };
    return postTicket(gateway, key, body, idempotencyKey ?? undefined);
  }
  const input = { ...shared, channel: 'Mail', assignedTo, idempotencyKey };
  return postGraphQL(gateway, key, createTicket, { input });
}

interface CreationBody {
  readonly ticket?: { readonly id: string };
  readonly data?: { readonly createTicket: { readonly ticket: { readonly id: string } } };
}

function idOf({ body }: Answer): string {
  const { ticket, data } = body as CreationBody;
  const id = ticket?.id ?? data?.createTicket.ticket.id;
  if (id === undefined) throw new Error('The answer to a creation holds no ticket');
  return id;
}

// How much may still be asked, and when it was asked, tell nothing of what is there.
const wholeOf = ({ status, headers, body }: Answer) => ({
  status,
  body,
  headers: Object.fromEntries([...headers].filter(([name]) => !/^(ratelimit|date$)/.test(name))),
});

function findShop(shops: readonly ModelShop[], number: number): ModelShop {
  const shop = shops[number];
  if (!shop) throw new Error(`There is no shop ${number}`);
  return shop;
}

/** Sends a request, holds the answer against the model, and writes down there what is new. */
async function perform(gateway: TestGateway, shops: readonly ModelShop[], plan: PlannedRequest) {
  const shop = findShop(shops, plan.shop);
  const request = lookUp(shops, plan);
  // Before anything is awaited, so that of what is sent at the same time nothing is known.
  const expected =
    request.kind === 'reading' ? expectedOfReading(shop, request) : expectedOfCreation(shop, request);
  const inEmpty = lookUp(shops, inEmptyWorld(plan, shop));
  const answer = await send(gateway, shop, request);
  const { status, headers, body } = answer;
  expect({ status, replayed: headers.get('idempotent-replayed') === 'true', body }).toEqual(expected.answer);
  if (expected.newTicket) {
    const id = idOf(answer);
    expect(shops.flatMap(({ tickets }) => tickets).filter((ticket) => ticket.id === id)).toEqual([]);
    shop.tickets.push({ ...expected.newTicket, id });
  } else if (!isDeepStrictEqual(inEmpty, request)) {
    expect(wholeOf(await send(gateway, shop, inEmpty))).toEqual(wholeOf(answer));
  }
}

/** Does a step, and returns the gateway to go on with. */
async function take(gateway: TestGateway, shops: readonly ModelShop[], step: Step): Promise<TestGateway> {
  if (step.kind === 'requests') {
    await Promise.all(step.requests.map((plan) => perform(gateway, shops, plan)));
    return gateway;
  }
  const shop = findShop(shops, step.shop);
  if (step.kind === 'closing') {
    await closeShop(database.prisma, shop.domain);
    shop.isClosed = true;
  } else {
    await revokeApiKey(database.prisma, shop.keys[step.key].id);
    shop.revokedKeys.add(step.key);
  }
  // Another process, which remembers nothing of the key from before.
  return createTestGateway(database);
}

interface TicketRow {
  readonly shopId: number;
  readonly id: string;
  readonly customerId: number;
  readonly assignedTo: number | null;
  readonly isOpenedTicket: boolean;
  readonly idempotencyKey: string | null;
}

const readTickets = (shops: readonly ModelShop[]) =>
  database.sql.query<TicketRow>(
    {
      name: 'read_tickets',
      text: `SELECT shop_id AS "shopId", id::TEXT, customer_id AS "customerId", assigned_to AS "assignedTo",
          is_opened_ticket AS "isOpenedTicket", idempotency_key AS "idempotencyKey"
        FROM tickets WHERE shop_id BETWEEN $1 AND $2 ORDER BY tickets.id`,
    },
    [Math.min(...shops.map(({ id }) => id)), Math.max(...shops.map(({ id }) => id))],
  );

const rowsOf = ({ id: shopId, tickets }: ModelShop): TicketRow[] =>
  tickets.map(({ customer, assignee, ...ticket }) => ({
    ...ticket,
    shopId,
    customerId: customer.id,
    assignedTo: assignee?.id ?? null,
  }));

/** What must never be in the database, whatever the model says. */
const countFaults = () =>
  database.sql.query(
    {
      name: 'count_faults',
      text: `SELECT
        (SELECT count(*)::INTEGER FROM tickets JOIN customers ON customers.id = tickets.customer_id
          WHERE customers.shop_id <> tickets.shop_id) AS "customersOfAnotherShop",
        (SELECT count(*)::INTEGER FROM tickets JOIN users ON users.id = tickets.assigned_to
          WHERE users.shop_id <> tickets.shop_id) AS "agentsOfAnotherShop",
        (SELECT count(*)::INTEGER FROM tickets WHERE is_opened_ticket::INTEGER
          <> (SELECT count(*) FROM human_tickets WHERE ticket_id = tickets.id)) AS "wrongHumanTickets",
        (SELECT count(*)::INTEGER FROM (SELECT FROM tickets WHERE idempotency_key IS NOT NULL
          GROUP BY shop_id, idempotency_key HAVING count(*) > 1) AS repeated) AS "repeatedKeys"`,
    },
    [],
  );

test("whatever three shops do in whatever order, what is another's is answered as what does not exist", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25, size: 'max' }), async (steps) => {
      const shops = await makeThreeShops(database);
      let gateway = await createTestGateway(database);
      for (const step of steps) gateway = await take(gateway, shops, step);
      const byId = (one: TicketRow, other: TicketRow) => Number(BigInt(one.id) - BigInt(other.id));
      expect(await readTickets(shops)).toEqual(shops.flatMap(rowsOf).sort(byId));
      expect(await countFaults()).toEqual([
        { customersOfAnotherShop: 0, agentsOfAnotherShop: 0, wrongHumanTickets: 0, repeatedKeys: 0 },
      ]);
    }),
    // Within the time of a test, so that a failure is made small and told, and not only late.
    { numRuns: 15, interruptAfterTimeLimit: 20_000 },
  );
});
