import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { embeddedDatabase, openEmbedded } from '../src/db/embedded.ts';

const database = embeddedDatabase(await PGlite.create());
afterAll(() => database.close());

const select = (text: string) => database.sql.query<{ answer: number }>({ name: 'test', text }, []);

test('timers, probes and signals get their turn between the statements that wait for the embedded database', async () => {
  const statements = 50;
  let turns = 0;
  let isBusy = true;
  const count = async () => {
    for (; isBusy; turns += 1) await setImmediate();
  };
  const counted = count();
  await Promise.all(Array.from({ length: statements }, () => select('SELECT 1 AS answer')));
  isBusy = false;
  await counted;
  expect(turns).toBeGreaterThanOrEqual(statements);
});

test('a statement that fails does not hold up the next', async () => {
  const failed = expect(select('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
  expect(await select('SELECT 2 AS answer')).toEqual([{ answer: 2 }]);
  await failed;
});

test('a folder with something else in the database’s place cannot be used, and is left as it is', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ticket-gateway-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, 'owner-1-2-3'));
  await writeFile(join(directory, 'pglite'), '');
  await expect(openEmbedded(directory, () => {})).rejects.toThrow(
    `The embedded database in ${directory} cannot be used: ErrnoError { name: 'ErrnoError', errno: 54 }`,
  );
  expect(await readdir(directory)).toEqual(['owner-1-2-3', 'pglite']);
});
