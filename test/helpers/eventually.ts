import { vi } from 'vitest';

// Far beyond what anything takes, also on a busy machine: it only bounds how long a test that fails goes on.
const PATIENCE_MS = 20_000;

/** Checks again and again until the check no longer throws; fails with what it throws when it goes on for too long. */
export const eventually = <Result>(
  check: () => Result | Promise<Result>,
  options: { readonly timeout?: number; readonly interval?: number } = {},
): Promise<Result> => vi.waitFor(check, { timeout: PATIENCE_MS, ...options });
