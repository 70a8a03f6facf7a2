import { afterAll, expect, test, vi } from 'vitest';
import { openTestDatabase } from './helpers/database.ts';

const database = await openTestDatabase();
afterAll(() => database.close());

const ownNumber = { name: 'own_number', text: 'SELECT pg_backend_pid() AS "number"' };
const find = { name: 'find', text: 'SELECT pid FROM pg_stat_activity WHERE pid = $1' };
const terminate = { name: 'terminate', text: 'SELECT pg_terminate_backend($1)' };

// The one connection of PGlite is not one that can be lost.
test.skipIf(database.engine === 'PGlite')('a session that the server ends fails, and no more', async () => {
  const work = database.withSession(async (session) => {
    const [backend] = await session.query<{ number: number }>(ownNumber, []);
    await database.sql.query(terminate, [backend?.number]);
    await vi.waitFor(async () => expect(await database.sql.query(find, [backend?.number])).toEqual([]));
    await session.execute('SELECT 1');
  });
  await expect(work).rejects.toThrow(/Connection terminated|not queryable|Client was closed/);
});
