/**
 * What every answer tells browsers: not to guess its type, not to name its URL to other sites, and to keep
 * no copy, for it holds what only the key's owner may see. A page has its own Content-Security-Policy beside.
 */
export const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;
