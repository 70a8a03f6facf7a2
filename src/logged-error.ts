/** What the log keeps of an error. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** An error as PostgreSQL's driver makes it. */
interface DatabaseFault extends Error {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly routine?: unknown;
  /** In which function it happened, if in any. */
  readonly where?: unknown;
}

// Beside those that JSON escapes, these end a line too, or steer a terminal, for some who read a log.
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

const onOneLine = (text: string): string =>
  text.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);

// PostgreSQL's errors whose messages can quote what a client sent: of values that it cannot read, and of code that is not
// its own, also by the name of the routine that raises what a trigger tells it to.
const QUOTING_CODE = /^(22|2F|38|39|F0|HV|P0)[0-9A-Z]{3}$/;
const RAISING_ROUTINE = 'exec_stmt_raise';
// These name what is not there, which a function may have made up of a value.
const NAMING_CODE = /^(42|58)[0-9A-Z]{3}$/;

function quotes({ code, routine, where }: DatabaseFault): boolean {
  if (typeof code !== 'string') return false;
  return (
    routine === RAISING_ROUTINE || QUOTING_CODE.test(code) || (where !== undefined && NAMING_CODE.test(code))
  );
}

function messageOf(error: DatabaseFault): string {
  return quotes(error) ? 'the database refused a value' : onOneLine(error.message);
}

// The stack begins with the message.
function stackOf({ stack = '', message }: Error, shown: string): string {
  return onOneLine(stack.replace(message, () => shown));
}

/**
 * Tells what the log keeps of an error. A list of what is wanted, not of what is not: database errors carry
 * whole rows in fields such as `detail`, and those hold customers' messages.
 */
export function describeError(error: unknown): LoggedError {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'a value that is not an Error was thrown' };
  const { code, constraint } = error as DatabaseFault;
  const message = messageOf(error);
  return {
    type: error.name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(constraint === undefined ? {} : { constraint }),
    stack: stackOf(error, message),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
