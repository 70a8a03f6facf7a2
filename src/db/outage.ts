// SQLSTATE classes and codes with which PostgreSQL says that it cannot serve at the moment, also because somebody has taken
// a right or a table away, or a sequence has come to its end.
const OUTAGE_STATE = /^(08|28|3D|3F|53|55|57|58|2200H|25006|42501|42P01|XX00[12])/;

// What Node.js says of a connection that cannot be had or was lost: the names of its system's errors, and its own of TLS.
const CONNECTION_FAULT = /^(E[A-Z]+|EAI_[A-Z]+|ERR_(SSL|TLS)_\w+)$/;

// What Prisma and pg say of it.
const OUTAGE_CODES = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1003',
  'P1008',
  'P1010',
  'P1011',
  'P1017',
  'P2024',
  'P2037',
]);
const OUTAGE_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|not queryable|pool after calling end/;

interface Fault {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly severity?: unknown;
  readonly where?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly meta?: { readonly driverAdapterError?: unknown };
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

const isOutageCode = (code: unknown): boolean =>
  typeof code === 'string' &&
  (OUTAGE_CODES.has(code) || CONNECTION_FAULT.test(code) || (SQLSTATE.test(code) && OUTAGE_STATE.test(code)));

/**
 * The answer to a statement did not come, or could not be read: whether it was done is not known, and it must not be
 * run again for those who have no idempotency key.
 */
export class NoAnswerError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'No answer', { cause });
    this.name = 'NoAnswerError';
  }
}

/** Whether the server itself has said that it did not do a statement. */
export function isServerError(error: unknown): boolean {
  const { code, severity } = error as Fault;
  return typeof code === 'string' && SQLSTATE.test(code) && severity !== undefined;
}

/** Waits for the answer to a statement. Fails with the server's error, or with one that is an outage. */
export async function answerTo<Result>(statement: Promise<Result>): Promise<Result> {
  try {
    return await statement;
  } catch (error) {
    throw isServerError(error) ? error : new NoAnswerError(error);
  }
}

/**
 * Whether an error of the database, from the driver or from Prisma, says that the database cannot serve at
 * the moment: unreachable, lost, full, out of connections, or slower than the time-outs. Then nothing is
 * wrong with the request, and it may be sent again.
 */
export function isOutage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, originalCode, message, cause, errors, meta } = error as Fault;
  return (
    error instanceof NoAnswerError ||
    isOutageCode(code) ||
    isOutageCode(originalCode) ||
    (typeof message === 'string' && OUTAGE_MESSAGE.test(message)) ||
    [cause, meta?.driverAdapterError, ...(Array.isArray(errors) ? errors : [])].some(isOutage)
  );
}

/** Whether PostgreSQL ended a transaction only because of others that ran beside it, and wants it repeated. */
export function isConcurrencyFailure(error: unknown): boolean {
  const { code } = error as Fault;
  return code === '40001' || code === '40P01';
}

/** Whether PostgreSQL gave a statement up because somebody else holds a lock for long. */
export const isLockTimeout = (error: unknown): boolean => (error as Fault).code === '55P03';

/** Whether that is the lock of a whole table, and not of a row, of which PostgreSQL says where it stands. */
export const isTableLockTimeout = (error: unknown): boolean =>
  isLockTimeout(error) && (error as Fault).where === undefined;

/** Whether an outage is one of the database, and not of one row that somebody else has locked. */
export function concernsWholeDatabase(error: unknown): boolean {
  return isOutage(error) && !isLockTimeout(error);
}
