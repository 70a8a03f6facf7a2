import type { ShopQueue } from '../limits/shop-queue.ts';
import { charactersOf } from './input.ts';
import type { WaitingDraft } from './waiting-draft.ts';

// More of them hardly cost less, and make the first wait for the last.
const LARGEST_BATCH = 250;
// Nor more than so many characters of messages and tags: four of the longest messages take some 25 ms.
const LARGEST_BATCH_CHARACTERS = 262_144;

/** Takes what one statement is to create of those that wait, the shops by turns. */
export function takeBatch(waiting: ShopQueue<WaitingDraft>): WaitingDraft[] {
  const batch: WaitingDraft[] = [];
  let characters = 0;
  while (batch.length < LARGEST_BATCH && characters < LARGEST_BATCH_CHARACTERS) {
    const next = waiting.take();
    if (next === undefined) break;
    batch.push(next);
    characters += charactersOf(next.draft);
  }
  return batch;
}
