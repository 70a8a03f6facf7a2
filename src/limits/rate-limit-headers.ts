import type { Viewer } from '../auth/viewer.ts';
import type { AnswerHeaders } from '../http/answer.ts';
import { millisecondsUntilOne, type Quota, type RateLimit } from './rate-limit.ts';

// The bucket in the words of draft-ietf-httpapi-ratelimit-headers-11: so many tickets at once, and as many again
// in the seconds after which an empty bucket is full.
const policyOf = ({ rate, capacity }: RateLimit) => `"tickets";q=${capacity};w=${Math.ceil(capacity / rate)}`;

// What can be created now; and the seconds until all of q can be, or when nothing can, until one can be, as in
// Retry-After, for the draft wants t to be no longer than that.
function stateOf(limit: RateLimit, { remaining, millisecondsUntilWhole }: Quota): string {
  const wait = remaining > 0 ? millisecondsUntilWhole : millisecondsUntilOne(limit, millisecondsUntilWhole);
  return `"tickets";r=${remaining};t=${Math.ceil(wait / 1000)}`;
}

/**
 * Tells in `RateLimit-Policy` and `RateLimit` how many tickets the credential may create, and how many at this
 * moment: on every answer, whatever its status, to a request whose key was accepted. Without one there is no
 * quota to speak of.
 */
export const rateLimitHeaders = ({ rateLimit }: Viewer, quota: Quota): AnswerHeaders => ({
  'ratelimit-policy': policyOf(rateLimit),
  ratelimit: stateOf(rateLimit, quota),
});
