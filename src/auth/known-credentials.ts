import { LRUCache } from 'lru-cache';
import { GatewayError } from '../errors.ts';
import type { Viewer } from './viewer.ts';

// How long a process goes on with what it knows of a credential. A request may take a moment more, and a revocation takes
// effect within five seconds.
const KNOWN_TTL_MS = 4_500;
const REMEMBERED_CREDENTIALS = 10_000;

/** How many characters of a hash name the bucket of a credential: enough that no two share one. */
export const METERED_AS_LENGTH = 32;

/** What is known of a credential that is good. */
export interface KnownCredential {
  /** Undefined when its shop is closed. */
  readonly viewer: Viewer | undefined;
  /** Milliseconds since 1970 at which it stops being good; Infinity for never. */
  readonly expiresAt: number;
}

/** Whether an error says that a credential is no good, and not that this could not be found out. */
export const isRefusal = (error: unknown): boolean => error instanceof GatewayError && error.status === 401;

/**
 * Credentials of one kind, by their hashes. What was found out of a good one is kept for a few seconds, in bounded
 * memory, so that one in use costs nothing, and what changes takes effect within five seconds in every process.
 */
export abstract class KnownCredentials {
  readonly #known = new LRUCache<string, KnownCredential>({
    max: REMEMBERED_CREDENTIALS,
    ttl: KNOWN_TTL_MS,
    // Else a timer remembers the time for a millisecond, which costs more than to look.
    ttlResolution: 0,
    noDeleteOnStaleGet: true,
  });
  readonly #underWay = new Map<string, Promise<KnownCredential>>();

  /** What was found out of a credential lately. */
  recall(hash: string): KnownCredential | undefined {
    return this.#known.get(hash);
  }

  /** Whether to look the credential up is no guess: it was good the last time, or is being looked up already. */
  isNoGuess(hash: string): boolean {
    return this.#underWay.has(hash) || this.wasGood(hash);
  }

  /** The shop that the credential was good for the last time. */
  lastShopId(hash: string): number | undefined {
    return this.#latest(hash)?.viewer?.shop.id;
  }

  /** Whether the credential was good the last time. */
  protected wasGood(hash: string): boolean {
    return this.#latest(hash) !== undefined;
  }

  // What was found out the last time, however long ago.
  #latest(hash: string): KnownCredential | undefined {
    return this.#known.peek(hash, { allowStale: true });
  }

  /** Looks a credential up, once for all who ask at the same time. Fails with a 401 GatewayError when it is no good. */
  lookUp(text: string, hash: string): Promise<KnownCredential> {
    let answer = this.#underWay.get(hash);
    if (answer === undefined) {
      answer = this.#learn(text, hash).finally(() => this.#underWay.delete(hash));
      this.#underWay.set(hash, answer);
    }
    return answer;
  }

  /** Why a credential is refused that has expired. */
  abstract expired(): GatewayError;

  /** Finds out what there is to know of a credential, or fails as lookUp does. */
  protected abstract ask(text: string, hash: string): Promise<KnownCredential>;

  async #learn(text: string, hash: string): Promise<KnownCredential> {
    // What changes while the answer is on its way must not take longer to take effect.
    const start = performance.now();
    try {
      const known = await this.ask(text, hash);
      this.#known.set(hash, known, { start });
      return known;
    } catch (error) {
      if (isRefusal(error)) this.#known.delete(hash);
      throw error;
    }
  }
}
