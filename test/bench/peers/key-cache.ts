import { createHash } from 'node:crypto';

/** The shop that an API key belongs to. */
export interface KeyShop {
  readonly id: number;
  readonly domain: string;
}

const KNOWN_FOR_MS = 5_000;

/** Makes a search for API keys of one by their SHA-256, which knows a good key for five seconds. */
export function withKeyCache(
  findShop: (hash: string) => Promise<KeyShop | undefined>,
): (key: string) => Promise<KeyShop | undefined> {
  const known = new Map<string, { readonly shop: KeyShop; readonly until: number }>();
  return async (key) => {
    const found = known.get(key);
    if (found !== undefined && found.until > Date.now()) return found.shop;
    const shop = await findShop(createHash('sha256').update(key).digest('hex'));
    if (shop === undefined) known.delete(key);
    else known.set(key, { shop, until: Date.now() + KNOWN_FOR_MS });
    return shop;
  };
}
