import { inspect } from 'node:util';

/**
 * A failure that the operator at the terminal can mend. The command line shows its message and nothing else,
 * so that it must be clear by itself and hold no secret.
 */
export class OperatorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OperatorError';
  }
}

/** In a few words, why a call to the system or the database failed. */
export function reasonOf(error: unknown): string {
  // Node reports a host with several addresses as an error without a message that holds one for each.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : inspect(error, { breakLength: Number.POSITIVE_INFINITY });
}
