import type { GatewayPlugin } from '../context.ts';

/**
 * What every answer tells browsers: not to guess its type, not to name its URL to other sites, and to keep
 * no copy, for it holds what only the key's owner may see.
 */
export const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

const entries = Object.entries(securityHeaders);

/** Sets the headers above on every answer. A page has its own Content-Security-Policy beside them. */
export function useSecurityHeaders(): GatewayPlugin {
  return {
    onResponse({ response }) {
      for (const [name, value] of entries) response.headers.set(name, value);
    },
  };
}
