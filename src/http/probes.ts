import type { Database } from '../db/database.ts';
import { GatewayError } from '../errors.ts';
import { within } from '../limits/deadline.ts';
import type { Logger } from '../log.ts';
import type { Batches } from '../tickets/batches.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import type { Arrival } from './arrival.ts';

const unavailable = (message: string) => new GatewayError('UNAVAILABLE', message, { 'retry-after': '5' });

/** What the probes look at. */
export interface ProbedState {
  readonly database: Database;
  /** Milliseconds that the database is given to answer. */
  readonly patience: number;
  readonly batches: Pick<Batches, 'isFailing'>;
  /** Whether the process is about to end. */
  readonly isDraining: () => boolean;
}

/** Whether it is the path of a probe, which whoever watches over the process asks for every few seconds. */
export const isProbe = (path: string): boolean => path === '/health' || path === '/ready';

/** Answers a probe; undefined when the request is none. */
export type AnswerProbe = (arrival: Arrival) => Promise<Answer> | undefined;

/**
 * `/health`: the process answers. `/ready`: the database does too, it took tickets of late, and the process is not
 * about to end; else 503. No key needed; exact paths.
 */
export function createProbes(
  { database, batches, patience, isDraining }: ProbedState,
  log: Logger,
): AnswerProbe {
  let underWay: Promise<unknown> | undefined;
  // One statement for all who ask at the same time.
  function askDatabase(): Promise<unknown> {
    const asked = () => within(patience, database.sql.query({ name: 'probe', text: 'SELECT 1' }, []));
    underWay ??= Promise.resolve(asked()).finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function ready(requestId: string): Promise<Answer> {
    if (isDraining()) throw unavailable('The gateway is about to stop');
    if (batches.isFailing) throw unavailable('The database takes no tickets');
    try {
      await askDatabase();
    } catch (err) {
      log.warn({ err, requestId }, 'the database does not answer');
      throw unavailable('The database does not answer');
    }
    return jsonAnswer(200, { status: 'ready' });
  }

  return ({ path, requestId }) => {
    if (path === '/health') return Promise.resolve(jsonAnswer(200, { status: 'ok' }));
    return path === '/ready' ? ready(requestId) : undefined;
  };
}
