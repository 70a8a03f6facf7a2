/**
 * How many connections each kind of work holds at most, so that none has to wait for what holds up another. One more is
 * left to look up credentials, without which nothing is even refused, and to record that they are used.
 */
export interface PoolShares {
  /** Batches of tickets, those that are held up among them. */
  readonly batches: number;
  /** Tickets that are tried alone. */
  readonly loneDrafts: number;
  /** Queries, and replays that look their ticket up. A query that asks for several things may hold more for a moment. */
  readonly queries: number;
}

/** Fewer connections would leave too little to one of them. */
export const SMALLEST_POOL = 5;

// More of them at once make nothing faster.
const MOST = 3;

/** Shares out a pool of so many connections. */
export function sharesOf(poolSize: number): PoolShares {
  const shared = Math.max(poolSize, SMALLEST_POOL) - 1;
  // Two at least, for one may be held up.
  const loneDrafts = Math.min(MOST, Math.max(2, Math.ceil(shared / 3)));
  const batches = Math.min(MOST, Math.floor(shared / 3));
  return { batches, loneDrafts, queries: Math.min(MOST, shared - batches - loneDrafts) };
}

/** How many of a share one shop may hold, so that another always gets one. */
export const mostOfAShop = (whole: number): number => Math.max(1, whole - 1);
