import { afterAll, expect, test } from 'vitest';
import type { SqlSession } from '../src/db/database.ts';
import { openTestDatabase } from './helpers/database.ts';
import { eventually } from './helpers/eventually.ts';

const database = await openTestDatabase();
afterAll(() => database.close());

const ownNumber = { name: 'own_number', text: 'SELECT pg_backend_pid() AS "number"' };
const find = { name: 'find', text: 'SELECT pid FROM pg_stat_activity WHERE pid = $1' };
const terminate = { name: 'terminate', text: 'SELECT pg_terminate_backend($1)' };

async function loseConnection(session: SqlSession): Promise<void> {
  const [backend] = await session.query<{ number: number }>(ownNumber, []);
  await database.sql.query(terminate, [backend?.number]);
  await eventually(async () => expect(await database.sql.query(find, [backend?.number])).toEqual([]));
  await session.execute('SELECT 1');
}

// The one connection of PGlite is not one that can be lost: there a statement fails.
const failure =
  database.engine === 'PGlite'
    ? { work: (session: SqlSession) => session.execute('SELECT 1 / 0'), message: /division by zero/ }
    : {
        work: loseConnection,
        message: /Connection terminated|terminating connection|not queryable|Client was closed/,
      };

test('a session that fails, as when the server ends it, fails alone', async () => {
  await expect(database.withSession(failure.work)).rejects.toThrow(failure.message);
  expect(await database.sql.query({ name: 'next', text: 'SELECT 1 AS "one"' }, [])).toEqual([{ one: 1 }]);
});
