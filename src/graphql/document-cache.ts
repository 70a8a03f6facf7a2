import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

const REMEMBERED_DOCUMENTS = 1_000;
// A parsed document weighs up to 250 bytes for each character of its text: some 60 MB in all.
const REMEMBERED_CHARACTERS = 250_000;
// A longer one has values written into it, and does not come a second time.
const LONGEST_REMEMBERED = 10_000;

const createCache = <Value extends object>() =>
  new LRUCache<string, Value>({
    max: REMEMBERED_DOCUMENTS,
    maxSize: REMEMBERED_CHARACTERS,
    maxEntrySize: LONGEST_REMEMBERED,
    sizeCalculation: (_, text) => text.length + 1,
  });

/**
 * Where Yoga remembers documents by their text: how each was parsed, or why it was not. Yoga's own caches hold
 * 1,024 documents of whatever size; these hold 1,000, of 250,000 characters in all and 10,000 each.
 */
export const createDocumentCaches = () => ({
  // The validation remembers by itself.
  validationCache: false,
  documentCache: createCache<DocumentNode>(),
  errorCache: createCache<object>(),
});
