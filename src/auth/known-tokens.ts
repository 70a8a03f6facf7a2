import { hash as digest } from 'node:crypto';
import type { Database } from '../db/database.ts';
import type { RateLimit } from '../limits/rate-limit.ts';
import { type KnownCredential, KnownCredentials, METERED_AS_LENGTH } from './known-credentials.ts';
import type { TokenClaims, VerifyToken } from './token-claims.ts';
import { InvalidTokenError, TokenExpiredError } from './token-text.ts';

const SUBJECT_LENGTH = 16;

/** Tokens that were verified, with what the database says of the shop and the agent that they name. */
export class KnownTokens extends KnownCredentials {
  readonly #database: Database;
  readonly #rateLimit: RateLimit;
  readonly #verify: VerifyToken;

  /** The rate limit is that of each subject in each shop, whichever of its tokens it sends. */
  constructor(database: Database, rateLimit: RateLimit, verify: VerifyToken) {
    super();
    this.#database = database;
    this.#rateLimit = rateLimit;
    this.#verify = verify;
  }

  override expired(): TokenExpiredError {
    return new TokenExpiredError();
  }

  protected override async ask(text: string): Promise<KnownCredential> {
    const claims = await this.#verify(text);
    const { expiresAt } = claims;
    const shop = await this.#database.prisma.shop.findUnique({ where: { domain: claims.shop } });
    if (shop === null || shop.closedAt !== null) return { viewer: undefined, expiresAt };
    await this.#requireAgent(claims, shop.id);
    const { issuer, subject, scopes, agentId } = claims;
    const viewer = {
      shop: { id: shop.id, domain: shop.domain },
      scopes,
      credential: 'token' as const,
      // A subject may be somebody's address.
      subject: digest('sha256', subject).slice(0, SUBJECT_LENGTH),
      agentId,
      rateLimit: this.#rateLimit,
      meteredAs: digest('sha256', JSON.stringify([issuer, shop.domain, subject])).slice(0, METERED_AS_LENGTH),
    };
    return { viewer, expiresAt };
  }

  async #requireAgent({ agentId: id }: TokenClaims, shopId: number): Promise<void> {
    if (id === undefined) return;
    const agent = await this.#database.prisma.user.findUnique({ where: { shopId_id: { shopId, id } } });
    if (agent === null) throw new InvalidTokenError('The shop has no agent with the number in the token');
  }
}
