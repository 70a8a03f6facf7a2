import type { Database } from '../db/database.ts';
import type { ErrorCode } from '../errors.ts';
import type { Place } from '../http/place.ts';
import type { Admission } from '../limits/admission.ts';

/** What became of the wish for a ticket, beside the errors of a client. */
export type TicketOutcome = 'created' | 'replayed' | 'rate_limited';

/** What can be looked at whenever somebody wants to know. */
export interface ObservedState {
  readonly admission: Pick<Admission, 'total'>;
  readonly database: Pick<Database, 'poolState'>;
}

/** A request that was answered. */
export interface AnsweredRequest {
  /** What answered it. */
  readonly door: Place;
  /** The HTTP status. */
  readonly status: number;
  /** The code of the first error that the client was told. */
  readonly code: ErrorCode | undefined;
  /** From its arrival to its answer. */
  readonly milliseconds: number;
}

/** Is told what the gateway does. Must not fail, and keeps nobody waiting. */
export interface Observer {
  /** Told once, before the first request: where to look for what is counted already. */
  watch(state: ObservedState): void;
  answered(request: AnsweredRequest): void;
  ticket(outcome: TicketOutcome): void;
  /** A statement is sent that creates so many tickets. */
  batch(size: number): void;
}
