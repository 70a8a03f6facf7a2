import type { Viewer } from './auth/viewer.ts';
import type { Database } from './db/database.ts';
import type { ErrorCode } from './errors.ts';
import type { Arrival } from './http/arrival.ts';
import type { HeavyWork } from './limits/heavy-work.ts';
import type { HeldBytes, Holding } from './limits/held-bytes.ts';
import type { Allowance, Quota } from './limits/rate-limit.ts';
import type { TextBudget } from './limits/text-budget.ts';
import type { Turns } from './limits/turns.ts';
import type { Observer } from './telemetry/observer.ts';
import type { Tracing } from './telemetry/tracing.ts';
import type { Batches } from './tickets/batches.ts';
import type { KeysUnderWay } from './tickets/keys-under-way.ts';
import type { PriorTickets } from './tickets/prior-tickets.ts';

/** What all requests share. */
export interface SharedContext {
  /** The database that the gateway runs on. */
  readonly database: Database;
  /** How much is held of what clients have sent, and of answers that they have not taken. */
  readonly held: HeldBytes;
  /** When what keeps the process for long may be done. */
  readonly heavyWork: HeavyWork;
  /** When a request may look things up in the database. */
  readonly turns: Turns;
  /** Creates the tickets that are asked for at the same time with one statement. */
  readonly batches: Batches;
  /** Requests with an idempotency key that are under way. */
  readonly keysUnderWay: KeysUnderWay;
  /** Finds the tickets that idempotency keys were used for. */
  readonly priorTickets: PriorTickets;
  /** Who counts what happens, if anybody does. */
  readonly observer?: Observer | undefined;
  /** Who records where the time goes, if anybody does. */
  readonly tracing?: Tracing | undefined;
}

/** What a request carries: one and the same object for the doors, the operation and the resolvers. */
export interface RequestContext extends Arrival, SharedContext {
  /** On whose behalf the request acts; known before anything of the body is read. */
  readonly viewer: Viewer;
  /** What is held of its body and of its answer. */
  readonly holding: Holding;
  /** When nobody waits for its work any more, in milliseconds of `performance.now()`; known when it has been read. */
  until: number;
  /** The messages and tags of the tickets that it creates. */
  readonly ticketTexts: TextBudget;
  /** The messages and tags that its answer shows. */
  readonly shownTexts: TextBudget;
  /** What the request may take of the viewer's tickets. */
  readonly allowance: Allowance;
  /** What was left when it refused a ticket, which the answer tells, whenever that goes out. */
  quota?: Quota;
  /** The code of the first error that the client was told, for the log. */
  errorCode?: ErrorCode;
}
