// SQLSTATE classes and codes with which PostgreSQL says that it cannot serve at the moment.
const OUTAGE_STATE = /^(08|53|57|58|55P03|25006|XX00[12])/;

// What Node.js, Prisma and pg say of a connection that cannot be had or was lost.
const OUTAGE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2037',
]);
const OUTAGE_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|not queryable|pool after calling end/;

interface Fault {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly meta?: { readonly driverAdapterError?: unknown };
}

const isOutageCode = (code: unknown): boolean =>
  typeof code === 'string' && (OUTAGE_CODES.has(code) || (code.length === 5 && OUTAGE_STATE.test(code)));

/**
 * Whether an error of the database, from the driver or from Prisma, says that the database cannot serve at
 * the moment: unreachable, lost, full, out of connections, or slower than the time-outs. Then nothing is
 * wrong with the request, and it may be sent again.
 */
export function isOutage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, originalCode, message, cause, errors, meta } = error as Fault;
  return (
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

/** Whether an outage is one of the database, and not of one row that somebody else has locked. */
export function concernsWholeDatabase(error: unknown): boolean {
  return isOutage(error) && (error as Fault).code !== '55P03';
}
