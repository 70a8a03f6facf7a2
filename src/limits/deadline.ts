import { TookTooLongError } from '../errors.ts';

/**
 * Waits for work that is under way, or fails with UNAVAILABLE when it takes longer than this; what it does then
 * goes unheard. What is done already is not waited for.
 */
export function within<Result>(
  milliseconds: number,
  work: Promise<Result> | Result,
): Promise<Result> | Result {
  if (!(work instanceof Promise)) return work;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TookTooLongError()), milliseconds);
    const settle =
      <Value>(by: (value: Value) => void) =>
      (value: Value) => {
        clearTimeout(timer);
        by(value);
      };
    work.then(settle(resolve), settle(reject));
  });
}

/** Throws a TookTooLongError from this moment on, in milliseconds of `performance.now()`: nobody waits any more. */
export function requireTime(until: number): void {
  if (performance.now() > until) throw new TookTooLongError();
}
