/**
 * How many connections each kind of work holds at most, so that none has to wait for what holds up another. One more is
 * left to look up credentials, without which nothing is even refused.
 */
export interface PoolShares {
  /** Batches of tickets, those that are held up among them. */
  readonly batches: number;
  /** Tickets that are tried alone. */
  readonly loneDrafts: number;
  /** Queries, and replays that look their ticket up. A query that asks for several things may hold more for a moment. */
  readonly queries: number;
}

/** Fewer connections leave too little to each kind: two batches, of which a locked row holds up one, and one of the others. */
export const SMALLEST_POOL = 5;

// More of them at once make nothing faster.
const MOST = 3;

const share = (connections: number) => Math.max(1, Math.min(MOST, connections));

/** Shares out a pool of so many connections. */
export function sharesOf(poolSize: number): PoolShares {
  const shared = poolSize - 1;
  const batches = share(Math.ceil(shared / 3));
  const loneDrafts = share(Math.floor(shared / 3));
  return { batches, loneDrafts, queries: share(shared - batches - loneDrafts) };
}

/** How many of a share one shop may hold, so that where there are several, another always gets one. */
export const mostOfAShop = (whole: number): number => Math.max(1, whole - 1);
