import type { Viewer } from '../auth/viewer.ts';
import type { AnswerHeaders } from '../http/answer.ts';
import type { FailureLimit } from './failure-limit.ts';
import { millisecondsUntilOne, type Quota, type RateLimit } from './rate-limit.ts';

// The bucket in the words of draft-ietf-httpapi-ratelimit-headers-11: so much at once, and as much again
// in the seconds after which an empty bucket is full.
const policyOf = (name: string, { rate, capacity }: RateLimit) =>
  `"${name}";q=${capacity};w=${Math.ceil(capacity / rate)}`;

// What is left now; and the seconds until all of q is, or when nothing is, until one is, as in Retry-After, for the
// draft wants t to be no longer than that.
function stateOf(name: string, limit: RateLimit, { remaining, millisecondsUntilWhole }: Quota): string {
  const wait = remaining > 0 ? millisecondsUntilWhole : millisecondsUntilOne(limit, millisecondsUntilWhole);
  return `"${name}";r=${remaining};t=${Math.ceil(wait / 1000)}`;
}

const headersOf = (name: string, limit: RateLimit, quota: Quota): AnswerHeaders => ({
  'ratelimit-policy': policyOf(name, limit),
  ratelimit: stateOf(name, limit, quota),
});

/**
 * Tells in `RateLimit-Policy` and `RateLimit` how many tickets the credential may create, and how many at this
 * moment: on every answer of a door, whatever its status, to a request whose credential was accepted.
 */
export const ticketHeaders = ({ rateLimit }: Viewer, quota: Quota): AnswerHeaders =>
  headersOf('tickets', rateLimit, quota);

/** The same of the credentials that may be no good, on every other answer of a door. */
export const failureHeaders = (failures: FailureLimit, client: string): AnswerHeaders =>
  headersOf('invalid-credentials', failures.limit, failures.look(client));
