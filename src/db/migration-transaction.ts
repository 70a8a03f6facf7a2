import type { SqlSession } from './database.ts';

// The tables belong into the schema public, and the time-outs and the isolation of a role are for requests: what others
// did is to be seen once their lock is free.
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SET LOCAL search_path TO public; SET LOCAL statement_timeout TO 0; SET LOCAL lock_timeout TO 0`;

/** Does the work in a transaction that changes tables, or nothing of it. */
export async function inTransaction<Result>(
  session: SqlSession,
  work: () => Promise<Result>,
): Promise<Result> {
  await session.execute(BEGIN);
  try {
    const result = await work();
    await session.executeLong('COMMIT');
    return result;
  } catch (error) {
    await session.execute('ROLLBACK').catch(() => {});
    throw error;
  }
}
