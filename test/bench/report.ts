import { cpus } from 'node:os';
import { medianOf } from '../faults/quantiles.ts';
import type { Measurement } from './measure.ts';

/** All rounds of a peer. */
export interface Measured {
  readonly name: string;
  readonly rounds: readonly Measurement[];
}

const columns: readonly (readonly [heading: string, figure: (round: Measurement) => number])[] = [
  ['tickets/s', ({ ticketsPerSecond }) => ticketsPerSecond],
  ['p50, ms', ({ median }) => median],
  ['p99, ms', ({ percentile99 }) => percentile99],
  ['p50 at 1 connection, ms', ({ medianAlone }) => medianAlone],
  ['CPU of server, µs/ticket', ({ serverProcessor }) => serverProcessor],
  ['CPU of PostgreSQL, µs/ticket', ({ databaseProcessor }) => databaseProcessor],
  ['CPU of both, µs/ticket', ({ serverProcessor, databaseProcessor }) => serverProcessor + databaseProcessor],
  ['memory, MB', ({ megabytes }) => megabytes],
];

const mediansOf = ({ rounds }: Measured): number[] =>
  columns.map(([, figure]) => medianOf(rounds.map(figure)));

function show(figure: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(figure, 0.1))));
  return figure.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/**
 * The medians of each peer as a Markdown table, each with its ratio to the first peer's beside it: more is
 * better of tickets a second, and less of everything else.
 */
export function tableOf(measured: readonly Measured[]): string[] {
  const [standard, ...others] = measured.map((peer) => ({ name: peer.name, figures: mediansOf(peer) }));
  if (standard === undefined) return [];
  const ratio = (figure: number, column: number) =>
    `${show(figure)} (${(figure / (standard.figures[column] ?? Number.NaN)).toFixed(2)} ×)`;
  return [
    row(['', ...columns.map(([heading]) => heading)]),
    row(['---', ...columns.map(() => '--:')]),
    row([standard.name, ...standard.figures.map(show)]),
    ...others.map(({ name, figures }) => row([name, ...figures.map(ratio)])),
  ];
}

/** What it was measured on. */
export function machine(database: string): string {
  const processors = cpus();
  return `${processors[0]?.model.trim()}, ${processors.length} cores; Node.js ${process.versions.node}; ${database}`;
}
