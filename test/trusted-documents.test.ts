import { createHash, randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { loadTrustedDocuments } from '../src/graphql/trusted-documents.ts';
import { type Answer, createTestGateway, makeShop, postTicket, startGateway } from './helpers/gateway.ts';
import { prepareEmbeddedCommandLine } from './helpers/process.ts';
import type { StartedProcess } from './helpers/start-process.ts';

const file = join(tmpdir(), `ticket-gateway-${randomUUID()}.json`);
afterAll(() => rm(file, { force: true }));

const hashOf = (document: string) => createHash('sha256').update(document).digest('hex');

const documents = {
  shop: '{ shop { id } }',
  ticket: 'query Ticket($id: BigInt!) { ticket(id: $id) { id } }',
  create:
    'mutation Create($input: CreateTicketInput!) { createTicket(input: $input) { ... on CreateTicketSuccess { ticket { channel } } } }',
  several: 'query One { shop { id } } query Other { shop { domain } }',
  type: '{ __type(name: "Query") { __typename } }',
};

await writeFile(
  file,
  JSON.stringify(
    Object.fromEntries(
      // As older clients are built, and as the draft has it.
      Object.values(documents).map((text, index) => [`${index % 2 ? 'sha256:' : ''}${hashOf(text)}`, text]),
    ),
  ),
);
const trustedDocuments = await loadTrustedDocuments(file);
const gateway = await startGateway({
  trustedDocuments,
  // These are for documents that anybody may send.
  documentLimits: { characters: 1, tokens: 1, directives: 0, depth: 1, aliases: 0, cost: 1 },
});
const shop = await makeShop(gateway.database);

const headers = { 'content-type': 'application/json', 'x-api-key': shop.key, 'x-request-id': 'test' };
const post = (body: object, more: Record<string, string> = {}) =>
  gateway.send('/graphql', { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) });
const get = (parameters: Record<string, string>) =>
  gateway.send(`/graphql?${new URLSearchParams(parameters)}`, { headers });
const persistedQuery = (document: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: hashOf(document) } },
});
const outcome = ({ status, body }: Answer) => [status, body];
const refusal = (code: string, message: string) => ({
  errors: [{ message, extensions: { code, requestId: 'test' } }],
});
const sendHash = refusal('DOCUMENT_NOT_TRUSTED', 'Only trusted documents are run; send the hash of one');
const noSuchHash = refusal('DOCUMENT_NOT_TRUSTED', 'No trusted document has this hash');

describe('a trusted document runs', () => {
  const data = { shop: { id: shop.id } };

  test.each([
    ['by documentId', { documentId: `sha256:${hashOf(documents.shop)}` }],
    ['by documentId without a prefix', { documentId: hashOf(documents.shop) }],
    ['by the extension of Apollo’s clients', persistedQuery(documents.shop)],
    ['with an empty document beside its hash', { query: '', ...persistedQuery(documents.shop) }],
  ])('%s', async (_, body) => {
    expect(outcome(await post(body))).toEqual([200, { data }]);
  });

  test.each([
    ['documentId', { documentId: `sha256:${hashOf(documents.shop)}` }],
    ['extension', { extensions: JSON.stringify(persistedQuery(documents.shop).extensions) }],
  ])('by GET, by its %s', async (_, parameters) => {
    expect(outcome(await get(parameters))).toEqual([200, { data }]);
  });

  test('with variables, and a mutation as well as a query', async () => {
    const variables = { input: { customerId: shop.customerId, channel: 'Mail' } };
    expect(outcome(await post({ documentId: hashOf(documents.create), variables }))).toEqual([
      200,
      { data: { createTicket: { ticket: { channel: 'Mail' } } } },
    ]);
    expect(outcome(await post({ documentId: hashOf(documents.ticket), variables: { id: '1' } }))).toEqual([
      200,
      { data: { ticket: null } },
    ]);
  });

  test('as the operation that is named, of several', async () => {
    const body = { documentId: hashOf(documents.several), operationName: 'Other' };
    expect(outcome(await post(body))).toEqual([200, { data: { shop: { domain: shop.domain } } }]);
  });

  test('also when it reads the schema, unless introspection is off', async () => {
    const body = { documentId: hashOf(documents.type) };
    expect(outcome(await post(body))).toEqual([200, { data: { __type: { __typename: '__Type' } } }]);
    const closed = await createTestGateway(gateway.database, {
      trustedDocuments: await loadTrustedDocuments(file),
      introspection: false,
    });
    const answer = await closed.send('/graphql', { method: 'POST', headers, body: JSON.stringify(body) });
    const message =
      'GraphQL introspection has been disabled, but the requested query contained the field "__type".';
    expect(outcome(answer)).toEqual([
      400,
      {
        errors: [
          {
            message,
            locations: [{ line: 1, column: 3 }],
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED', requestId: 'test' },
          },
        ],
      },
    ]);
  });
});

describe('what is refused', () => {
  const secret = 'query Secret { shop { name } }';

  test.each([
    ['a document', { query: secret }, sendHash],
    ['a document that is on the list', { query: documents.shop }, sendHash],
    ['a document beside the hash of another', { query: secret, ...persistedQuery(documents.shop) }, sendHash],
    ['a document that is not a text', { query: 5 }, sendHash],
    ['a document beside its own hash', { query: secret, ...persistedQuery(secret) }, sendHash],
    ['an unknown hash', persistedQuery(secret), noSuchHash],
    ['an unknown documentId', { documentId: `sha256:${hashOf(secret)}` }, noSuchHash],
    ['a documentId that is no hash', { documentId: '__proto__' }, noSuchHash],
    ['another kind of documentId', { documentId: `md5:${hashOf(documents.shop)}` }, noSuchHash],
  ])('%s', async (_, body, expected) => {
    expect(outcome(await post(body))).toEqual([400, expected]);
    expect(outcome(await post(body, { accept: 'application/json' }))).toEqual([200, expected]);
    expect(gateway.log.at(-1)).toMatchObject({ msg: 'request', code: 'DOCUMENT_NOT_TRUSTED' });
    expect(JSON.stringify(gateway.log)).not.toContain('Secret');
  });

  test.each([
    ['nothing', {}],
    ['a hash that is not a text', { documentId: 5 }],
    ['another version of the protocol', { extensions: { persistedQuery: { sha256Hash: hashOf('{ a }') } } }],
    ['an extension that is no object', { extensions: 'persistedQuery' }],
  ])('a request that names no document: %s', async (_, body) => {
    const message =
      'Must provide the hash of a trusted document, as documentId or in extensions.persistedQuery';
    expect(outcome(await post(body))).toEqual([400, refusal('BAD_USER_INPUT', message)]);
  });

  test('a document by GET', async () => {
    expect(outcome(await get({ query: documents.shop }))).toEqual([400, sendHash]);
  });

  test('a trusted mutation by GET', async () => {
    const variables = JSON.stringify({ input: { customerId: shop.customerId, channel: 'GET' } });
    const answer = await get({ documentId: hashOf(documents.create), variables });
    expect(answer.headers.get('allow')).toBe('POST');
    expect(outcome(answer)).toEqual([
      405,
      refusal('METHOD_NOT_ALLOWED', 'Can only perform a mutation operation from a POST request.'),
    ]);
    expect(await gateway.database.prisma.ticket.count({ where: { channel: 'GET' } })).toBe(0);
  });

  test('variables that do not fit the trusted document', async () => {
    const answer = await post({ documentId: hashOf(documents.ticket), variables: { id: 'none' } });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    });
    expect(outcome(await post({ documentId: hashOf(documents.ticket), variables: 'none' }))).toEqual([
      400,
      refusal('BAD_USER_INPUT', 'Expected "variables" param to be empty or an object, but given string.'),
    ]);
  });

  test('a key comes first: without one, nothing is told about documents', async () => {
    const answer = await post({ query: secret }, { 'x-api-key': '' });
    expect(outcome(answer)).toEqual([401, refusal('MISSING_API_KEY', 'Missing API key')]);
  });
});

test('REST takes tickets as without a list', async () => {
  const answer = await postTicket(gateway, shop.key, { customerId: shop.customerId, Channel: 'Mail' });
  expect(answer).toMatchObject({ status: 201, body: { success: true, ticket: { Channel: 'Mail' } } });
});

test('without a list, a hash is no document', async () => {
  const open = await createTestGateway(gateway.database);
  const ask = (body: object) =>
    open.send('/graphql', { method: 'POST', headers, body: JSON.stringify(body) });
  expect(outcome(await ask({ query: documents.shop }))).toEqual([200, { data: { shop: { id: shop.id } } }]);
  expect(outcome(await ask(persistedQuery(documents.shop)))).toEqual([
    400,
    refusal('BAD_USER_INPUT', 'Must provide query string.'),
  ]);
});

test.each([
  ['is off by default', {}, false],
  ['can be switched on', { GRAPHIQL: 'true' }, true],
])('with a list, GraphiQL %s', (_, environment, graphiql) => {
  expect(readConfig({ PERSISTED_OPERATIONS: file, ...environment })).toMatchObject({
    persistedOperations: file,
    graphiql,
    introspection: true,
  });
});

describe('a list that cannot be used', () => {
  const entry = (text: string) => ({ [hashOf(text)]: text });
  const mustHold =
    'The file at PERSISTED_OPERATIONS must hold a JSON object with the text of each document by its SHA-256';
  const wrong = (...problems: string[]) =>
    ['The documents at PERSISTED_OPERATIONS are wrong:', ...problems.map((line) => `  ${line}`)].join('\n');
  const [unparsed, unfit, unknown] = ['{ shop', '{ shop { owner } tickets }', 'type A { a: Int }'];

  test.each([
    ['is not JSON', 'query { shop { id } }', mustHold],
    ['is empty', '', mustHold],
    ['is an array', JSON.stringify([documents.shop]), mustHold],
    ['has a document that is no text', JSON.stringify({ [hashOf(documents.shop)]: {} }), mustHold],
    [
      'has a document by another name',
      JSON.stringify({ Shop: documents.shop }),
      wrong(`Shop is not the SHA-256 of its document, ${hashOf(documents.shop)}`),
    ],
    [
      'has several that are wrong, each of which is named',
      JSON.stringify({
        ...entry(documents.shop),
        ...entry(unparsed),
        ...entry(unfit),
        ...entry(unknown),
        [hashOf('')]: documents.shop,
      }),
      wrong(
        `${hashOf(unparsed)} Syntax Error: Expected Name, found <EOF>.`,
        `${hashOf(unfit)} Cannot query field "owner" on type "Shop".; Cannot query field "tickets" on type "Query". Did you mean "ticket"?`,
        `${hashOf(unknown)} The "A" definition is not executable.`,
        `${hashOf('')} is not the SHA-256 of its document, ${hashOf(documents.shop)}`,
      ),
    ],
  ])('%s', async (_, text, message) => {
    const path = join(tmpdir(), `ticket-gateway-${randomUUID()}.json`);
    await writeFile(path, text);
    const problem = await loadTrustedDocuments(path).catch((error: unknown) => error);
    await rm(path);
    expect(problem).toMatchObject({ name: 'OperatorError', message });
  });
});

describe('the command line', async () => {
  const { start, run } = await prepareEmbeddedCommandLine();

  test('says in one line that the file is not there, before it opens the database', async () => {
    expect(await run(['serve'], { PERSISTED_OPERATIONS: '/no/such.json' })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        "The file at PERSISTED_OPERATIONS cannot be read: ENOENT: no such file or directory, open '/no/such.json'\n",
    });
  });

  describe('with a list', () => {
    let server: StartedProcess;
    let text: string;

    beforeAll(async () => {
      server = start(['serve'], { PERSISTED_OPERATIONS: file });
      [text] = await server.waitFor(/[\s\S]*listening.*\n/);
    });
    afterAll(() => server.end('SIGKILL'));

    test('shows neither GraphiQL nor the command with a document that would be refused', () => {
      expect(text.match(/curl -s \S+/g)).toEqual([expect.stringMatching(/\/api\/v1\/tickets$/)]);
      expect(text).not.toContain('GraphiQL');
    });

    test('runs the documents of the list only', async () => {
      const [url = ''] = text.match(/http:\S+graphql/) ?? [];
      const [, key = ''] = /key (\S+)/.exec(text) ?? [];
      const ask = async (body: object) => {
        const asked = {
          method: 'POST',
          headers: { ...headers, 'x-api-key': key },
          body: JSON.stringify(body),
        };
        return (await fetch(url, asked)).json();
      };
      expect(await ask({ query: documents.shop })).toEqual(sendHash);
      expect(await ask({ documentId: hashOf(documents.shop) })).toEqual({ data: { shop: { id: 1 } } });
    });
  });
});
