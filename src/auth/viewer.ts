import type { RateLimit } from '../limits/rate-limit.ts';
import type { Scope } from './scopes.ts';

/** On whose behalf a request acts. Always derived from the credential, never from the request's body. */
export interface Viewer {
  /** The tenant, outside of which the viewer sees and changes nothing. */
  readonly shop: { readonly id: number; readonly domain: string };
  /** What the credential may do. */
  readonly scopes: readonly Scope[];
  /** What kind of credential it was, as people are told of it. */
  readonly credential: 'API key' | 'token';
  /** Which API key it was, for the log. */
  readonly apiKeyId?: number;
  /** Whose token it was, for the log: enough to tell people apart, and to find one whose subject is known. */
  readonly subject?: string;
  /** The agent of the shop that the token speaks for, where it names one. */
  readonly agentId?: number | undefined;
  /** How many tickets the credential may create. */
  readonly rateLimit: RateLimit;
  /** Under which name they are counted: of this credential and no other, whatever database it is in. */
  readonly meteredAs: string;
}
