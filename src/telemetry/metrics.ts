import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { PoolState } from '../db/database.ts';
import type { AnsweredRequest, ObservedState, Observer, TicketOutcome } from './observer.ts';

const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_BUCKETS = [1, 2, 5, 10, 25, 50, 100, 250];
const outcomes: readonly TicketOutcome[] = ['created', 'replayed', 'rate_limited'];

/**
 * Counts for Prometheus what the gateway does, beside the usual metrics of a process. Every label takes its values
 * from a short list of the gateway's own, never from a request. What the gateway counts anyway is only looked at
 * when somebody asks.
 */
export class Metrics implements Observer {
  readonly #registry = new Registry();
  readonly #requests: Counter<'door' | 'code' | 'status'>;
  readonly #durations: Histogram<'door'>;
  readonly #tickets: Counter<'outcome'>;
  readonly #batches: Histogram;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      name: 'ticket_gateway_requests_total',
      help: 'Requests answered, by door, error code (OK without one) and HTTP status.',
      labelNames: ['door', 'code', 'status'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'ticket_gateway_request_duration_seconds',
      help: 'Time from the arrival of a request to its answer, by door.',
      labelNames: ['door'],
      buckets: DURATION_BUCKETS_SECONDS,
      registers,
    });
    this.#tickets = new Counter({
      name: 'ticket_gateway_tickets_total',
      help: 'Tickets created, replayed for a known idempotency key, or refused by the rate limit.',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of outcomes) this.#tickets.inc({ outcome }, 0);
    this.#batches = new Histogram({
      name: 'ticket_gateway_batch_tickets',
      help: 'Tickets that one statement was sent to create.',
      buckets: BATCH_BUCKETS,
      registers,
    });
  }

  /** The media type of what `show` returns. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in the text format of Prometheus. */
  show(): Promise<string> {
    return this.#registry.metrics();
  }

  watch({ admission, database: { poolState } }: ObservedState): void {
    this.#gauge('requests_under_way', 'Requests on their way to the database.', () => admission.total);
    if (poolState === undefined) return;
    const ofPool = (name: string, help: string, count: keyof PoolState) =>
      this.#gauge(`database_pool_${name}`, help, () => poolState()[count]);
    ofPool('connections', 'Connections to PostgreSQL, idle or not.', 'total');
    ofPool('idle_connections', 'Connections to PostgreSQL that nobody uses.', 'idle');
    ofPool('waiting_statements', 'Statements that wait for a connection to PostgreSQL.', 'waiting');
  }

  answered({ door, status, code, milliseconds }: AnsweredRequest): void {
    this.#requests.inc({ door, code: code ?? 'OK', status });
    this.#durations.observe({ door }, milliseconds / 1000);
  }

  ticket(outcome: TicketOutcome): void {
    this.#tickets.inc({ outcome });
  }

  batch(size: number): void {
    this.#batches.observe(size);
  }

  #gauge(name: string, help: string, look: () => number): void {
    new Gauge({
      name: `ticket_gateway_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(look());
      },
    });
  }
}
