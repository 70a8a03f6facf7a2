import { readFile } from 'node:fs/promises';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { breakingChangesOfGraphQL, breakingChangesOfOpenApi } from './contract/breaking-changes.ts';

const read = (path: string) => readFile(path, 'utf8');
const releasedSchema = await read('test/contract/released/schema.graphql');
const released = await read('test/contract/released/openapi.json');

/** A change that was made on purpose although it can break a client: how it is reported, and why it was made. */
interface DeclaredChange {
  readonly change: string;
  readonly reason: string;
}

test('what could break a client of the last release is declared, with its reason, and nothing else is', async () => {
  const declared: DeclaredChange[] = JSON.parse(await read('test/contract/declared-changes.json'));
  for (const { reason } of declared) expect(reason).toMatch(/\w+ \w+/);
  const changes = [
    ...breakingChangesOfOpenApi(JSON.parse(released), JSON.parse(await read('test/contract/openapi.json'))),
    ...(await breakingChangesOfGraphQL(
      buildSchema(releasedSchema),
      buildSchema(await read('schema.graphql')),
    )),
  ];
  expect(changes.sort()).toEqual(declared.map(({ change }) => change).sort());
});

type Changeable = { [Key in string]: Changeable } & Changeable[];

const post = '/paths//api/v1/tickets/post';
const sent = `${post}/requestBody/content/application/json/schema`;
const answered = `${post}/responses/201/content/application/json/schema/properties/ticket`;

describe('of the OpenAPI document', () => {
  function changesBy(change: (document: Changeable) => void): string[] {
    const document = JSON.parse(released);
    change(document);
    return breakingChangesOfOpenApi(JSON.parse(released), document);
  }

  const schemaNamed = (document: Changeable, name: string): Changeable =>
    document.components?.schemas?.[name] as Changeable;
  const operationOf = (document: Changeable) => document.paths?.['/api/v1/tickets']?.post as Changeable;
  const set = (target: Changeable | undefined, values: object) => void Object.assign(target ?? {}, values);

  test.each<[string, (document: Changeable) => void, string[]]>([
    [
      'a field that is no longer answered',
      (document) => {
        const ticket = schemaNamed(document, 'Ticket');
        delete ticket.properties?.via;
        ticket.required?.splice(ticket.required.indexOf('via' as never), 1);
      },
      [`removed ${answered}/required/"via"`, `removed ${answered}/properties/via`],
    ],
    [
      'a field that is no longer taken',
      (document) => delete schemaNamed(document, 'NewTicket').properties?.via,
      [`removed ${sent}/properties/via`],
    ],
    [
      'a field of another type',
      (document) => set(schemaNamed(document, 'Ticket').properties?.id, { type: 'integer' }),
      [`changed ${answered}/properties/id/type`],
    ],
    [
      'a field that can now be null',
      (document) => set(schemaNamed(document, 'Ticket').properties?.Channel, { type: ['string', 'null'] }),
      [`changed ${answered}/properties/Channel/type`],
    ],
    [
      'null that is no longer taken',
      (document) => set(schemaNamed(document, 'NewTicket').properties?.via, { type: ['string'] }),
      [`removed ${sent}/properties/via/type/"null"`],
    ],
    [
      'a lower limit',
      (document) => set(schemaNamed(document, 'NewTicket').properties?.via, { maxLength: 10 }),
      [`changed ${sent}/properties/via/maxLength`],
    ],
    [
      'a new limit',
      (document) => set(schemaNamed(document, 'NewTicket').properties?.via, { minLength: 1 }),
      [`added ${sent}/properties/via/minLength`],
    ],
    [
      'a field that must now be sent',
      (document) => void schemaNamed(document, 'NewTicket').required?.push('via' as never),
      [`added ${sent}/required/"via"`],
    ],
    [
      'a header that must now be sent',
      (document) => set(operationOf(document).parameters?.[0], { required: true }),
      [`added ${post}/parameters/Idempotency-Key/required`],
    ],
    [
      'a status that is no longer told',
      (document) => delete operationOf(document).responses?.[422],
      [`removed ${post}/responses/422`],
    ],
    [
      'a header that is no longer answered',
      (document) => delete operationOf(document).responses?.[429]?.headers?.['Retry-After'],
      [`removed ${post}/responses/429/headers/Retry-After`],
    ],
    [
      'a way to send the key that is no longer taken',
      (document) => void operationOf(document).security?.pop(),
      [`removed ${post}/security/{"bearer":[]}`],
    ],
    [
      'another name of the header with the key',
      (document) => set(document.components?.securitySchemes?.apiKey, { name: 'api-key' }),
      ['changed /credentials/apiKey/name'],
    ],
    [
      'a path that is gone',
      (document) => delete document.paths?.['/api/v1/tickets'],
      ['removed /paths//api/v1/tickets'],
    ],
  ])('%s is reported', (_, change, expected) => {
    expect(changesBy(change)).toEqual(expected);
  });

  test.each<[string, (document: Changeable) => void]>([
    [
      'a new field of answers',
      (document) => {
        const ticket = schemaNamed(document, 'Ticket');
        set(ticket.properties, { priority: { type: 'integer' } });
        ticket.required?.push('priority' as never);
      },
    ],
    [
      'a new field that may be sent',
      (document) =>
        set(schemaNamed(document, 'NewTicket').properties, { priority: { type: 'integer', minimum: 1 } }),
    ],
    [
      'another spelling that is taken',
      (document) => void schemaNamed(document, 'NewTicket').properties?.via?.type?.push('integer' as never),
    ],
    [
      'a new code of failures',
      (document) => void schemaNamed(document, 'Failure').properties?.code?.enum?.push('NEW' as never),
    ],
    [
      'a new code of the failures with a status',
      (document) =>
        void operationOf(document).responses?.[401]?.content?.[
          'application/json'
        ]?.schema?.allOf?.[1]?.properties?.code?.enum?.push('NEW' as never),
    ],
    ['other words', (document) => set(schemaNamed(document, 'Ticket').properties?.via, { description: 'x' })],
    ['a new status', (document) => set(operationOf(document).responses, { 409: { description: 'x' } })],
    [
      'a new header that may be sent',
      (document) => void operationOf(document).parameters?.push({ name: 'Prefer', in: 'header' } as never),
    ],
    ['a new path', (document) => set(document.paths, { '/api/v1/customers': {} })],
  ])('%s is not', (_, change) => {
    expect(changesBy(change)).toEqual([]);
  });
});

describe('of the GraphQL schema', () => {
  const changesBy = (found: RegExp, replacement: string) => {
    expect(releasedSchema).toMatch(found);
    return breakingChangesOfGraphQL(
      buildSchema(releasedSchema),
      buildSchema(releasedSchema.replace(found, replacement)),
    );
  };

  test.each([
    [
      'a field that is gone',
      / {2}"""[^"]*"""\n {2}replayed: Boolean!\n/,
      '',
      ["Field 'replayed' was removed from object type 'CreateTicketSuccess'"],
    ],
    [
      'a field of another type',
      /replayed: Boolean!/,
      'replayed: String!',
      ["Field 'CreateTicketSuccess.replayed' changed type from 'Boolean!' to 'String!'"],
    ],
    [
      'an input that must now be given',
      /via: String\n(?=\n {2}"""\n {2}Makes)/,
      'via: String!\n',
      ["Input field 'CreateTicketInput.via' changed type from 'String' to 'String!'"],
    ],
    [
      'a code that is gone',
      / {2}"""[^"]*"""\n {2}FORBIDDEN\n/,
      '',
      ["Enum value 'FORBIDDEN' was removed from enum 'ErrorCode'"],
    ],
  ])('%s is reported', async (_, found, replacement, expected) => {
    expect(await changesBy(found, replacement)).toEqual(expected);
  });

  test('a new field is not', async () => {
    expect(await changesBy(/ {2}replayed: Boolean!\n/, '  replayed: Boolean!\n  priority: Int\n')).toEqual(
      [],
    );
  });
});
