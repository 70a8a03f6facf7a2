import { GatewayError } from '../errors.ts';
import type { Viewer } from './viewer.ts';

/** What a credential may be allowed to do. */
export const scopes = ['tickets:write', 'tickets:read'] as const;

/** A right that a credential carries. */
export type Scope = (typeof scopes)[number];

/** Those of the names that are scopes of the gateway. */
export function onlyScopes(names: readonly string[]): Scope[] {
  return names.filter((name): name is Scope => scopes.some((known) => known === name));
}

/** Throws FORBIDDEN unless the viewer's credential carries the scope. */
export function requireScope(viewer: Viewer, scope: Scope): void {
  if (!viewer.scopes.includes(scope)) {
    throw new GatewayError('FORBIDDEN', `The ${viewer.credential} lacks the scope ${scope}`);
  }
}
