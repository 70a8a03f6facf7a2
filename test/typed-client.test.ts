import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { isUnionType } from 'graphql';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { loadTrustedDocuments } from '../src/graphql/trusted-documents.ts';
import { schema } from '../src/schema/index.ts';
import { listen } from '../src/server.ts';
import { byDocumentId, byExtension, byText, createClient, type Run } from './clients/client.ts';
import { config, generateClient, generatedFolder, presetConfig } from './clients/generate-graphql.ts';
import {
  CreateTicketDocument,
  type CreateTicketInput,
  ReadTicketDocument,
  type ReadTicketQuery,
  type ReadTicketQueryVariables,
} from './clients/generated/graphql.ts';
import { describeOutcome, type Outcome } from './clients/outcome.ts';
import { makeShop, startGateway, type TestShop } from './helpers/gateway.ts';

test('test/clients/generated is the client of this schema; `npm run schema` rewrites it', async () => {
  const files = await readdir(generatedFolder);
  const written = files.map(async (name) => [name, await readFile(join(generatedFolder, name), 'utf8')]);
  expect(Object.fromEntries(await Promise.all(written))).toEqual(Object.fromEntries(await generateClient()));
});

test('the README’s codegen.ts makes the same client', async () => {
  const readme = await readFile('README.md', 'utf8');
  const [, literal = ''] = /const config: CodegenConfig = (\{[\s\S]*?\n\});\n/.exec(readme) ?? [];
  expect(runInNewContext(`(${literal})`)).toEqual({
    schema: 'schema.graphql',
    documents: 'src/**/*.graphql',
    generates: { 'src/generated/': { preset: 'client', presetConfig, config } },
  });
});

test('BigInt and DateTime are strings to the client, in what it sends and in what it gets', () => {
  type Ticket = NonNullable<ReadTicketQuery['ticket']>;
  expectTypeOf<Ticket['id']>().toEqualTypeOf<string>();
  expectTypeOf<Ticket['date']>().toEqualTypeOf<string>();
  expectTypeOf<ReadTicketQueryVariables['id']>().toEqualTypeOf<string>();
  expectTypeOf<CreateTicketInput['date']>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<Extract<Outcome, { ticketId: unknown }>['ticketId']>().toEqualTypeOf<string>();
});

const union = schema.getType('CreateTicketResult');
const members = isUnionType(union) ? union.getTypes().map(({ name }) => name) : [];

describe('describeOutcome', () => {
  let said: string[];

  // The compiler is run once, on a copy of the whole and one without each of the cases.
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ticket-gateway-'));
    const source = await readFile('test/clients/outcome.ts', 'utf8');
    const whole = source.replace('./generated', resolve(generatedFolder));
    const copies = [
      ['Whole', whole],
      ...members.map((member) => [member, whole.replace(new RegExp(`case '${member}':\n.*\n`), '')]),
    ];
    await Promise.all(copies.map(([name, text = '']) => writeFile(join(folder, `${name}.ts`), text)));
    const compilerOptions = {
      strict: true,
      module: 'NodeNext',
      allowImportingTsExtensions: true,
      noEmit: true,
      types: [],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const { stdout } = await promisify(execFile)('npx', ['tsc', '-p', folder]).catch(
      (failed: { stdout: string }) => failed,
    );
    await rm(folder, { recursive: true });
    said = stdout.match(/\w+\.ts\(.*/g) ?? [];
  });

  test('compiles when it has a case for each member of the union', () => {
    expect(members).toHaveLength(5);
    expect(said.filter((line) => line.startsWith('Whole.ts'))).toEqual([]);
  });

  test.each(members)('does not compile without a case for %s', (member) => {
    expect(said.filter((line) => line.startsWith(`${member}.ts`))).toEqual([
      expect.stringMatching(`error TS2345: .* __typename: "${member}".* is not assignable to .*'never'`),
    ]);
  });
});

const anyDocument = await startGateway();
const listOnly = await startGateway({
  trustedDocuments: await loadTrustedDocuments(`${generatedFolder}persisted-documents.json`),
});

describe.each([
  ['with documents', anyDocument, byText],
  ['with the documentIds of its list', listOnly, byDocumentId],
  ['with the hashes of its list in extensions', listOnly, byExtension],
])('the client, %s', (_, gateway, name) => {
  let url: string;
  let run: Run;
  let shop: TestShop;

  beforeAll(async () => {
    const server = await listen(gateway.gateway, 0, '127.0.0.1');
    afterAll(() => server.drain(1000));
    url = `${server.url}/graphql`;
    shop = await makeShop(gateway.database);
    run = createClient(url, shop.key, name);
  });

  const create = async (input: Partial<CreateTicketInput> = {}): Promise<Outcome> => {
    const whole = { customerId: shop.customerId, channel: 'Mail', ...input };
    return (await run(CreateTicketDocument, { input: whole })).createTicket;
  };

  async function createTicket(input: Partial<CreateTicketInput>) {
    const outcome = await create(input);
    if (outcome.__typename !== 'CreateTicketSuccess') throw new Error(describeOutcome(outcome));
    return outcome;
  }

  test('creates a ticket and reads it back', async () => {
    const { ticket, replayed } = await createTicket({
      name: 'Refund request',
      date: '2026-11-22T17:00:00+01:00',
      tags: ['refund'],
      isOpenedTicket: true,
    });
    expect(replayed).toBe(false);
    expect(BigInt(ticket.id)).toBeGreaterThan(2n ** 53n);
    expect(await run(ReadTicketDocument, ticket)).toEqual({
      ticket: {
        id: ticket.id,
        channel: 'Mail',
        name: 'Refund request',
        date: '2026-11-22T16:00:00.000Z',
        tags: ['refund'],
        customer: { id: shop.customerId, email: `customer@${shop.domain}` },
        humanTicket: { status: 'OPEN' },
      },
    });
  });

  test('gets each outcome of createTicket, and a word for it', async () => {
    const { ticket } = await createTicket({ idempotencyKey: 'once' });
    const outcomes = [
      await create({ idempotencyKey: 'once' }),
      await create({ channel: ' ', tags: ['ok', '\0'] }),
      await create({ customerId: 999_999 }),
      await create({ assignedTo: 999_999 }),
      await create({ idempotencyKey: 'once', name: 'Another' }),
    ];
    expect(outcomes.map(({ __typename }) => __typename).sort()).toEqual(members.toSorted());
    expect(outcomes.map(describeOutcome)).toEqual([
      `Ticket found: ${ticket.id}`,
      'Please correct channel, tags.1',
      'There is no such customer',
      'There is no such agent',
      `The key was used for ticket ${ticket.id}`,
    ]);
  });

  test('gets what is no outcome as a failure with its code', async () => {
    const reader = await makeShop(gateway.database, ['tickets:read']);
    const input = { customerId: reader.customerId, channel: 'Mail' };
    const asked = [
      run(ReadTicketDocument, { id: 'none' }),
      createClient(url, reader.key, name)(CreateTicketDocument, { input }),
      createClient(url, 'no-such-key', name)(ReadTicketDocument, { id: '1' }),
    ];
    const codes = asked.map((answer) => answer.catch(({ code }) => code));
    expect(await Promise.all(codes)).toEqual(['BAD_USER_INPUT', 'FORBIDDEN', 'INVALID_API_KEY']);
  });
});
