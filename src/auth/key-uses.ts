import { LRUCache } from 'lru-cache';
import type { Database } from '../db/database.ts';
import type { Logger } from '../log.ts';

const PRECISION_MS = 60_000;
const REMEMBERED_KEYS = 10_000;

/**
 * Records when keys were last used, to the minute. No request waits or fails for it, for that is for people to look at: it
 * takes one statement at a time, with all keys that were used meanwhile.
 */
export class KeyUses {
  readonly #database: Database;
  readonly #log: Logger;
  /** Keys of which it was recorded a moment ago, or tried to be. */
  readonly #lately = new LRUCache<number, true>({ max: REMEMBERED_KEYS, ttl: PRECISION_MS });
  #used: number[] = [];
  #isWriting = false;

  constructor(database: Database, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  /** Notes that a key is used, of which it is recorded when it was used before. */
  note(id: number, lastUsedAt: Date | null): void {
    const isRecent = lastUsedAt !== null && Date.now() - lastUsedAt.getTime() < PRECISION_MS;
    if (isRecent || this.#lately.has(id)) return;
    this.#lately.set(id, true);
    this.#used.push(id);
    if (!this.#isWriting) void this.#write();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#used.length > 0) {
      const apiKeyIds = this.#used.splice(0);
      try {
        // A row that somebody has locked is left for the next time.
        await this.#database.prisma.$executeRaw`
          UPDATE "public"."api_keys" SET last_used_at = now() WHERE id IN (
            SELECT id FROM "public"."api_keys" WHERE id = ANY (${apiKeyIds}) FOR UPDATE SKIP LOCKED
          )`;
      } catch (err) {
        this.#log.warn({ err, apiKeyIds }, 'last use of keys not recorded');
      }
    }
    this.#isWriting = false;
  }
}
