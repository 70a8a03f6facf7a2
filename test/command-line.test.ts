import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { type ApiKeyListing, createApiKey, type NewApiKey } from '../src/auth/api-keys.ts';
import { keysCommand } from '../src/commands/keys.ts';
import { migrateCommand } from '../src/commands/migrate.ts';
import { seedCommand } from '../src/commands/seed.ts';
import { serveCommand } from '../src/commands/serve.ts';
import { shopsCommand } from '../src/commands/shops.ts';
import { readConfig } from '../src/config.ts';
import { openDatabase } from '../src/db/database.ts';
import type { Shop } from '../src/db/generated/prisma/client.ts';
import { OperatorError } from '../src/operator-error.ts';
import { closeShop, createShop } from '../src/shops/shops.ts';
import { openTestDatabase } from './helpers/database.ts';
import { prepareCommandLine } from './helpers/process.ts';
import type { FinishedProcess } from './helpers/start-process.ts';

/** A value as it comes out of JSON, where dates are texts. */
type Printed<Value> = {
  readonly [Name in keyof Value]: Value[Name] extends Date | null ? string | null : Value[Name];
};

const commandLine = await prepareCommandLine();
const migrations = (await readdir('prisma/migrations', { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

const run = (...words: string[]): Promise<FinishedProcess> => commandLine.run(words);

function outputOf({ stdout, ...others }: FinishedProcess): string {
  expect(others).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

/** The one JSON value, on one line, that must be all of the output. */
function jsonOf<Value>(finished: FinishedProcess): Value {
  const output = outputOf(finished);
  expect(output).toMatch(/^.+\n$/);
  return JSON.parse(output);
}

const runForJson = async <Value>(...words: string[]): Promise<Value> => jsonOf(await run(...words, '--json'));

const refusal = (line: string): FinishedProcess => ({ exitCode: 1, stdout: '', stderr: `${line}\n` });

/** Reads a table by the places of its headings, so that a cell outside of its column comes out garbled. */
function readTable(text: string): string[][] {
  const lines = text.trimEnd().split('\n');
  const starts = [...(lines[0] ?? '').matchAll(/\S+(?: \S+)*/g)].map((heading) => heading.index);
  return lines.map((line) => starts.map((start, column) => line.slice(start, starts[column + 1]).trim()));
}

const toMinute = (date: string | null): string => date?.slice(0, 16).replace('T', ' ') ?? '-';
const mintedKey = /^tgw_[\w-]{32}[0-9a-f]{8}$/;
const isoDate = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

const shopHeadings = ['ID', 'DOMAIN', 'NAME', 'CREATED', 'CLOSED'];
const shopCells = (shop: Printed<Shop>) => [
  String(shop.id),
  shop.domain,
  shop.name,
  toMinute(shop.createdAt),
  toMinute(shop.closedAt),
];

const keyHeadings = [
  ...['ID', 'SHOP', 'NAME', 'PREFIX', 'SCOPES', 'CREATED', 'EXPIRES', 'REVOKED', 'LAST USED'],
  ...['RATE LIMIT', 'BURST'],
];
const keyCells = (key: Printed<ApiKeyListing>) => [
  String(key.id),
  key.shop,
  key.name.replace(/\p{Cc}/gu, '\ufffd'),
  key.prefix,
  key.scopes.join(','),
  toMinute(key.createdAt),
  toMinute(key.expiresAt),
  toMinute(key.revokedAt),
  toMinute(key.lastUsedAt),
  String(key.rateLimit ?? '-'),
  String(key.rateLimitBurst ?? '-'),
];

let withoutTables: FinishedProcess;
let firstMigration: FinishedProcess;
let secondMigration: FinishedProcess;
let shopAsJson: FinishedProcess;
let shopAsTable: FinishedProcess;

// A process takes seconds, most of them to start PGlite: each is run once, and several tests look at it.
beforeAll(async () => {
  withoutTables = await commandLine.run(['serve'], { AUTO_MIGRATE: 'false' });
  firstMigration = await run('migrate', '--json');
  secondMigration = await run('migrate', '--json');
  shopAsJson = await run('shops', 'create', '--domain', 'a.example', '--json');
  shopAsTable = await run('shops', 'create', '--domain', 'B.example', '--name', 'Shop B');
}, 120_000);

test('with AUTO_MIGRATE off, an empty database is refused until it is migrated', () => {
  const announcement =
    inject('template').engine === 'PGlite'
      ? 'Creating the embedded database. This takes a few seconds, the first time only.\n'
      : '';
  expect(withoutTables).toEqual(
    refusal(`${announcement}The database lacks ${migrations.join(', ')}: run \`migrate\` first.`),
  );
});

test('migrate prints the migrations that it applied, and none the second time', () => {
  expect(jsonOf(firstMigration)).toEqual({ applied: migrations });
  expect(jsonOf(secondMigration)).toEqual({ applied: [] });
});

test('shops create prints the new shop as one JSON value', () => {
  const shop = { id: 1, domain: 'a.example', name: 'a.example', createdAt: isoDate, closedAt: null };
  expect(jsonOf(shopAsJson)).toEqual(shop);
});

test('shops create refuses a domain that is taken, in one line', async () => {
  const line = 'A shop with the domain a.example exists already';
  expect(await run('shops', 'create', '--domain', 'A.example', '--json')).toEqual(refusal(line));
});

test('shops are listed as JSON and printed for people as a table, domains in lower case', async () => {
  const [first, second, ...others] = await runForJson<Printed<Shop>[]>('shops', 'list');
  if (second === undefined) throw new Error('The second shop is not listed');
  expect([first, second, others]).toEqual([
    jsonOf(shopAsJson),
    { id: 2, domain: 'b.example', name: 'Shop B', createdAt: isoDate, closedAt: null },
    [],
  ]);
  expect(readTable(outputOf(shopAsTable))).toEqual([shopHeadings, shopCells(second)]);
});

describe('keys', () => {
  const existingKey = 'v1-integration-key';
  let startedAt: number;
  let endedAt: number;
  let minted: FinishedProcess;
  let imported: FinishedProcess;
  let printedForPeople: FinishedProcess;
  let listed: Printed<ApiKeyListing>[];

  const create = (shop: string, name: string, ...more: string[]) =>
    run('keys', 'create', '--shop', shop, '--name', name, '--scopes', 'tickets:write,tickets:read', ...more);

  beforeAll(async () => {
    startedAt = Date.now();
    minted = await create('a.example', 'Zapier', '--expires-in', '90d', '--json');
    endedAt = Date.now();
    const limits = ['--rate-limit', '500', '--rate-limit-burst', '0'];
    imported = await create('a.example', 'Integration', '--key', existingKey, ...limits, '--json');
    printedForPeople = await create('b.example', 'Term\u001b[2J\ninal');
    listed = await runForJson('keys', 'list');
  }, 120_000);

  test('keys create prints a minted key as one JSON value', () => {
    const key = jsonOf<Printed<NewApiKey>>(minted);
    expect(key).toEqual({
      id: 1,
      key: expect.stringMatching(mintedKey),
      shop: 'a.example',
      name: 'Zapier',
      prefix: key.key.slice(0, 8),
      scopes: ['tickets:write', 'tickets:read'],
      createdAt: isoDate,
      expiresAt: isoDate,
      revokedAt: null,
      lastUsedAt: null,
      rateLimit: null,
      rateLimitBurst: null,
    });
    const countedFrom = Date.parse(key.expiresAt ?? '') - 90 * 86_400_000;
    expect(countedFrom).toBeGreaterThanOrEqual(startedAt);
    expect(countedFrom).toBeLessThanOrEqual(endedAt);
  });

  test('keys create imports the text that a client holds, with limits of its own; a key never expires by default', () => {
    expect(jsonOf(imported)).toEqual({
      id: 2,
      key: existingKey,
      shop: 'a.example',
      name: 'Integration',
      prefix: existingKey.slice(0, 6),
      scopes: ['tickets:write', 'tickets:read'],
      createdAt: isoDate,
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
      rateLimit: 500,
      rateLimitBurst: 0,
    });
  });

  test('keys list shows every key but not its text, oldest first', () => {
    const terminal = {
      id: 3,
      shop: 'b.example',
      name: 'Term\u001b[2J\ninal',
      prefix: expect.stringMatching(/^tgw_[\w-]{4}$/),
      scopes: ['tickets:write', 'tickets:read'],
      createdAt: isoDate,
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
      rateLimit: null,
      rateLimitBurst: null,
    };
    const created = [minted, imported].map((finished) => {
      const { key: _, ...listing } = jsonOf<Printed<NewApiKey>>(finished);
      return listing;
    });
    expect(listed).toEqual([...created, terminal]);
  });

  test('keys create prints for people a table and the text that is not shown again', () => {
    const [table, rest] = outputOf(printedForPeople).split(/(?<=\n)\n/);
    expect(readTable(table ?? '')).toEqual([keyHeadings, ...listed.slice(2).map(keyCells)]);
    const [, key] =
      /^Key: (.*)\nKeep it now: it is not stored and cannot be shown again\.\n$/.exec(rest ?? '') ?? [];
    expect(key).toMatch(mintedKey);
    expect(key?.slice(0, 8)).toBe(listed[2]?.prefix);
  });

  test('keys list shows the keys of one shop as a table', async () => {
    const table = outputOf(await run('keys', 'list', '--shop', 'a.example'));
    expect(readTable(table)).toEqual([keyHeadings, ...listed.slice(0, 2).map(keyCells)]);
  });

  test('the database holds the SHA-256 of a key and nothing else of its text', async () => {
    const database = await openDatabase(readConfig(commandLine.environment), () => {});
    const text = `SELECT to_jsonb(k) - 'created_at' - 'expires_at' AS row FROM api_keys k WHERE id < 3 ORDER BY id`;
    const rows = await database.sql.query({ name: 'read_keys', text }, []);
    await database.close();
    const expected = [minted, imported].map((finished) => {
      const { id, name, prefix, scopes, key, rateLimit, rateLimitBurst } =
        jsonOf<Printed<NewApiKey>>(finished);
      const hash = createHash('sha256').update(key).digest('hex');
      const limits = { rate_limit: rateLimit, rate_limit_burst: rateLimitBurst };
      const never = { revoked_at: null, last_used_at: null };
      return { row: { id, shop_id: 1, name, hash, prefix, scopes, ...never, ...limits } };
    });
    expect(rows).toEqual(expected);
  });

  test('keys revoke revokes a key; to do it again changes nothing', async () => {
    const revoked = await runForJson('keys', 'revoke', '--id', '1');
    expect(revoked).toEqual({ ...listed[0], revokedAt: isoDate });
    expect(await runForJson('keys', 'revoke', '--id', '1')).toEqual(revoked);
  });

  test('keys revoke refuses an id that no key has, in one line', async () => {
    const line = 'There is no key with the id 99';
    expect(await run('keys', 'revoke', '--id', '99', '--json')).toEqual(refusal(line));
  });
});

test('shops close prints the closed shop', async () => {
  const closed = await runForJson('shops', 'close', '--domain', 'a.example');
  expect(closed).toEqual({ ...jsonOf<Printed<Shop>>(shopAsJson), closedAt: isoDate });
});

test('seed makes the demo shop once, and prints the same each time', async () => {
  const demo = await runForJson('seed');
  expect(demo).toEqual({
    shop: { id: 3, domain: 'demo.example' },
    customerId: 1,
    agentId: 1,
    key: expect.stringMatching(mintedKey),
  });
  expect(await runForJson('seed')).toEqual(demo);
});

// Each of them ends before it opens the database, so that they may run at once.
test.concurrent.each([
  ['an unknown command', ['frobnicate'], /unknown command 'frobnicate'/],
  ['an unknown subcommand', ['shops', 'frobnicate'], /unknown command 'frobnicate'/],
  ['an unknown option', ['shops', 'list', '--frobnicate'], /unknown option '--frobnicate'/],
  ['a missing option', ['shops', 'create', '--json'], /option '--domain <domain>' not specified/],
  [
    'a bad value of an option',
    ['keys', 'create', '--shop', 'a.example', '--name', 'Zapier', '--scopes', 'tickets:delete'],
    /option '--scopes <list>' argument 'tickets:delete' is invalid/,
  ],
  [
    'a rate limit that is none',
    ['keys', 'create', '--shop', 'a.example', '--name', 'Zapier', '--rate-limit', '0'],
    /argument '0' is invalid\. It must be a whole number from 1 to 1000000\./,
  ],
])('%s exits 1 with one line that names it', async (_mistake, words, line) => {
  const { stderr, ...others } = await run(...words);
  expect(others).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/^.+\n$/);
  expect(stderr).toMatch(line);
});

// How a refusal looks at the terminal is shown above; what is refused needs no process.
describe('a rule of the commands', () => {
  const databaseOpened = openTestDatabase();
  afterAll(async () => (await databaseOpened).close());

  const rejects = (work: Promise<unknown>, line: string) =>
    expect(work).rejects.toEqual(new OperatorError(line));

  test.each([
    'example',
    'not_a.example',
    'a.example/b',
    '-a.example',
    'a..example',
    `${'a'.repeat(64)}.example`,
    '',
  ])('the domain "%s" is refused', async (domain) => {
    const { prisma } = await databaseOpened;
    await rejects(createShop(prisma, { domain, name: 'A' }), `${domain} is not a domain such as a.example`);
    expect(await prisma.shop.count()).toBe(0);
  });

  test('a key is imported once, and none is made for a shop that is closed or not there', async () => {
    const { prisma } = await databaseOpened;
    const importKey = (shop: string, existingKey: string) =>
      createApiKey(prisma, { shop, name: 'A', scopes: ['tickets:read'], expiresAt: null, existingKey });
    await createShop(prisma, { domain: 'a.example', name: 'A' });
    await createShop(prisma, { domain: 'b.example', name: 'B' });
    await importKey('a.example', 'held-by-a-client');
    await rejects(importKey('b.example', 'held-by-a-client'), 'This key exists already');
    await rejects(importKey('c.example', 'another-key'), 'There is no shop with the domain c.example');
    await closeShop(prisma, 'b.example');
    await rejects(importKey('b.example', 'another-key'), 'The shop b.example is closed');
    await rejects(closeShop(prisma, 'c.example'), 'There is no shop with the domain c.example');
  });
});

describe('--expires-in', () => {
  const create = keysCommand.commands.find((command) => command.name() === 'create');
  const option = create?.options.find(({ long }) => long === '--expires-in');
  const expiryAfter = (duration: string) => option?.parseArg?.(duration, undefined);

  test.each([
    ['30s', '2030-01-01T00:00:30.000Z'],
    ['15m', '2030-01-01T00:15:00.000Z'],
    ['12h', '2030-01-01T12:00:00.000Z'],
    ['90d', '2030-04-01T00:00:00.000Z'],
  ])('takes %s', (duration, expiry) => {
    vi.useFakeTimers({ now: new Date('2030-01-01T00:00:00Z') });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    expect(expiryAfter(duration)).toEqual(new Date(expiry));
  });

  test.each(['', '90', 'd', '0d', '-1d', '1.5h', '2w', '90 d', '90D', '90d ', '999999999d'])(
    'refuses "%s"',
    (duration) => {
      expect(() => expiryAfter(duration)).toThrow('It must be a time such as 30s, 15m, 12h or 90d.');
    },
  );
});

describe('--help', () => {
  test('prints the commands of the program', async () => {
    const help = outputOf(await run('--help'));
    const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    expect(commands).toEqual(['serve', 'migrate', 'seed', 'shops', 'keys', 'help']);
  });

  test('prints the options of a command', async () => {
    const help = outputOf(await run('keys', 'create', '--help'));
    const options = [...help.matchAll(/^ {2}(?:-h, )?(--[a-z-]+) /gm)].map(([, name]) => name);
    const limits = ['--rate-limit', '--rate-limit-burst'];
    const expected = ['--shop', '--name', '--scopes', '--expires-in', ...limits, '--key', '--json', '--help'];
    expect(options).toEqual(expected);
  });

  // Here and not each in a process of its own, which together would take longer than all else.
  const withItsCommands = (command: Command): Command[] => [
    command,
    ...command.commands.flatMap((inner) => withItsCommands(inner)),
  ];
  const commands = [serveCommand, migrateCommand, seedCommand, shopsCommand, keysCommand]
    .flatMap((command) => withItsCommands(command))
    .map((command) => ({ command, name: `${command.parent?.name() ?? ''} ${command.name()}`.trim() }));

  test.each(commands)('exits 0 and describes $name with each of its options', async ({ command, name }) => {
    let written = '';
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        written += text;
      },
    });
    const help = command.parseAsync(['--help'], { from: 'user' });
    await expect(help).rejects.toMatchObject({ code: 'commander.helpDisplayed', exitCode: 0 });
    expect(written).toContain(`Usage: ${name} `);
    const descriptions = [command.description(), ...command.options.map((option) => option.description)];
    expect(descriptions).not.toContain('');
  });
});
