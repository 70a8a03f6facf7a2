import { TookTooLongError } from '../errors.ts';
import type { AwaitedStatement } from '../telemetry/tracing.ts';
import type { Insertion, ShopTicketDraft } from './insert-tickets.ts';

/** A draft that somebody waits for. Times are in milliseconds of `performance.now()`. */
export interface WaitingDraft {
  readonly draft: ShopTicketDraft;
  /** When it came. */
  readonly since: number;
  /** When nobody waits for it any more. */
  readonly until: number;
  readonly resolve: (insertion: Insertion) => void;
  readonly reject: (reason: unknown) => void;
  /** Where the statement is to be told of, in the trace of this draft's request. */
  readonly statement: AwaitedStatement | undefined;
}

/** Leaves out those that nobody waits for any more, and tells them so. */
export function withoutLate(drafts: readonly WaitingDraft[]): WaitingDraft[] {
  const now = performance.now();
  for (const { until, reject } of drafts) if (until <= now) reject(new TookTooLongError());
  return drafts.filter(({ until }) => until > now);
}
