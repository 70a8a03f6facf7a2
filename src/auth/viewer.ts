import type { Scope } from './scopes.ts';

/** On whose behalf a request acts. Always derived from the credential, never from the request's body. */
export interface Viewer {
  /** The tenant, outside of which the viewer sees and changes nothing. */
  readonly shop: { readonly id: number; readonly domain: string };
  /** What the credential may do. */
  readonly scopes: readonly Scope[];
  /** Which credential it was, for the log. */
  readonly apiKeyId: number;
}
