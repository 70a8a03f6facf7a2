import { afterEach, describe, expect, test, vi } from 'vitest';
import { LocalMeter } from '../src/limits/local-meter.ts';
import { createTestGateway, makeShop, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';
import { MESSAGE as secret } from './helpers/planted-secrets.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  gateway.log.length = 0;
});

// As PostgreSQL's driver reports a fault: with the row that it is about in a field of its own.
function breakDatabase() {
  const fault = Object.assign(new Error('cached plan must not change'), {
    code: '0A000',
    detail: `Failing row contains (${secret})`,
    where: secret,
  });
  vi.spyOn(gateway.database.sql, 'query').mockRejectedValue(fault);
}

const createTicket =
  'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename ... on Error { message } } }';
const masked = { code: 'INTERNAL_SERVER_ERROR', requestId: 'test' };

const doors = {
  REST: {
    post: () =>
      postTicket(gateway, shop.key, { customerId: shop.customerId, Channel: 'Mail', lastMessage: secret }),
    body: { error: 'Unexpected error', ...masked },
  },
  GraphQL: {
    post: () => {
      const input = { customerId: shop.customerId, channel: 'Mail', lastMessage: secret };
      return postGraphQL(gateway, shop.key, createTicket, { input });
    },
    body: {
      data: null,
      errors: [
        {
          message: 'Unexpected error',
          locations: [{ line: 1, column: 41 }],
          path: ['createTicket'],
          extensions: masked,
        },
      ],
    },
  },
} as const;

describe.each(Object.entries(doors))('%s', (door, { post, body }) => {
  test.each(['production', 'development'])(
    'an unexpected fault shows its code and the request id alone, in %s too',
    async (environment) => {
      vi.stubEnv('NODE_ENV', environment);
      breakDatabase();
      const answer = await post();
      expect(answer.status).toBe(500);
      expect(answer.body).toEqual(body);
    },
  );

  test('an unexpected fault is logged once, with its stack and its request id, and without the row it is about', async () => {
    breakDatabase();
    await post();
    expect(gateway.log).toEqual([
      {
        level: 50,
        time: expect.any(Number),
        requestId: 'test',
        err: {
          type: 'Error',
          message: 'cached plan must not change',
          code: '0A000',
          stack: expect.stringContaining('unexpected-faults.test.ts'),
        },
        msg: 'unexpected error',
      },
      {
        level: 30,
        time: expect.any(Number),
        requestId: 'test',
        door: door.toLowerCase(),
        method: 'POST',
        path: door === 'REST' ? '/api/v1/tickets' : '/graphql',
        status: 500,
        code: 'INTERNAL_SERVER_ERROR',
        milliseconds: expect.any(Number),
        shop: shop.domain,
        apiKeyId: expect.any(Number),
        msg: 'request',
      },
    ]);
    expect(JSON.stringify(gateway.log)).not.toContain(secret);
  });

  test('a request is one line in the log, without key, message or query string', async () => {
    const answer = await post();
    expect(answer.status).toBeLessThan(300);
    await gateway.send(`/health?key=${shop.key}`);
    const lines = gateway.log.filter(({ msg }) => msg === 'request');
    expect(lines.map(({ path, status }) => [path, status])).toEqual([
      [door === 'REST' ? '/api/v1/tickets' : '/graphql', answer.status],
      ['/health', 200],
    ]);
    const text = JSON.stringify(gateway.log);
    expect(text).not.toContain(shop.key);
    expect(text).not.toContain(secret);
  });
});

test('what cannot be answered at all is logged, and ends its connection and nothing else', async () => {
  const meter = new LocalMeter(() => performance.now());
  const other = await createTestGateway(gateway.database, { meter });
  vi.spyOn(meter, 'allowanceOf').mockReturnValueOnce({
    take: () => 0,
    giveBack: () => {},
    look: () => Promise.reject(new Error('broken')),
  } as never);
  const body = { customerId: shop.customerId, Channel: 'Mail' };
  await expect(postTicket(other, shop.key, body)).rejects.toThrow('fetch failed');
  expect(other.log).toMatchObject([{ msg: 'unexpected error', err: { message: 'broken' } }]);
  expect(await postTicket(other, shop.key, body)).toMatchObject({ status: 201 });
});

describe('what the database quotes of a message is not in the log', () => {
  test.each([
    ['a value that it cannot read', 'PERFORM NEW.last_message::INTEGER', '22P02'],
    ['what a trigger raises', "RAISE EXCEPTION 'no %', NEW.last_message", 'P0001'],
    [
      'what a trigger raises under another code',
      "RAISE EXCEPTION 'no %', NEW.last_message USING ERRCODE = 'check_violation'",
      '23514',
    ],
    ['a name that a function makes of it', "EXECUTE 'SELECT ' || quote_ident(NEW.last_message)", '42703'],
  ])('%s', async (_, statement, code) => {
    const { withSession } = gateway.database;
    await withSession((session) =>
      session.execute(`
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${statement}; RETURN NEW; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON tickets FOR EACH ROW EXECUTE FUNCTION refuse()`),
    );
    const answer = await doors.REST.post();
    await withSession((session) => session.execute('DROP TRIGGER refuse ON tickets; DROP FUNCTION refuse()'));
    expect([answer.status, answer.body]).toEqual([500, doors.REST.body]);
    expect(gateway.log).toMatchObject([
      { msg: 'unexpected error', err: { code, message: 'the database refused a value' } },
      { msg: 'request', status: 500 },
    ]);
    expect(JSON.stringify(gateway.log)).not.toContain(secret);
  });
});
