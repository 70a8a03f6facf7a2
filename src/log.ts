import { type DestinationStream, type Logger, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { writeInBackground } from './background-writer.ts';
import { describeError } from './logged-error.ts';

export type { Logger } from 'pino';

/** How and where log lines are written. */
export interface LogOptions {
  /** Least severe level written: trace, debug, info, warn, error, fatal or silent. */
  readonly level: string;
  /** `json` is one JSON object a line; `pretty` is coloured text for a terminal. */
  readonly format: 'pretty' | 'json';
  /** 1 for standard output, 2 for standard error, or a stream. */
  readonly destination: 1 | 2 | DestinationStream;
}

/** Makes the structured log: one line for each call, whatever it holds. Errors are logged under the name `err`. */
export function createLogger({ level, format, destination }: LogOptions): Logger {
  const options = { level, base: null, serializers: { err: describeError } };
  if (format === 'json') {
    if (typeof destination !== 'number') return pino(options, destination);
    const writer = writeInBackground(destination);
    const log = pino(options, writer);
    writer.onRecovery((err) => log.warn({ err }, 'the log could not be written for a while'));
    return log;
  }
  // The keys of errors would be laid out over several lines: `err` is made none, and no other is in use.
  const layout = { singleLine: true, errorLikeObjectKeys: [], translateTime: 'SYS:HH:MM:ss.l' };
  return pino({ ...options, errorKey: 'unused' }, PinoPretty({ destination, ...layout }));
}
