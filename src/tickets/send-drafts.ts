import type { SqlClient } from '../db/database.ts';
import { runAwaited } from '../telemetry/tracing.ts';
import { type Insertion, insertTickets } from './insert-tickets.ts';
import type { WaitingDraft } from './waiting-draft.ts';

// What becomes none, as with a key that was used before, does not tell whether the database takes any.
const isTicket = (insertion: Insertion): boolean => typeof insertion === 'object' && 'ticket' in insertion;

/**
 * Sends drafts in one statement, which waits so many milliseconds for locks, and tells each what became of it. Resolves
 * to whether one became a ticket; fails as a whole, and then tells none.
 */
export async function sendDrafts(
  sql: SqlClient,
  waiting: readonly WaitingDraft[],
  lockTimeout: number,
): Promise<boolean> {
  const drafts = waiting.map(({ draft }) => draft);
  const statements = waiting.map(({ statement }) => statement);
  const insertions = await runAwaited(statements, () => insertTickets(sql, drafts, lockTimeout));
  for (const [index, insertion] of insertions.entries()) waiting[index]?.resolve(insertion);
  return insertions.some(isTicket);
}
