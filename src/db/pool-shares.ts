/**
 * How many connections each kind of work holds at most, of the ten that the pool has unless told otherwise. One is left
 * to look up credentials, without which nothing is even refused.
 */
export const poolShares = {
  /** Batches of tickets, those that are held up among them. */
  batches: 3,
  /** Tickets that are tried alone. */
  loneDrafts: 3,
  /** Queries, and replays that look their ticket up. */
  queries: 3,
} as const;

/** How many of three one shop may hold, so that another always gets one. */
export const MOST_OF_A_SHOP = 2;
