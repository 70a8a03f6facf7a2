import type { Engine, TicketRow } from './engines.ts';
import { acknowledgementOf, type Load, type Request } from './load.ts';

/** What an experiment found: a line of the table. */
export interface Finding {
  readonly experiment: string;
  readonly requests: number;
  /** How many were acknowledged when they were first sent. */
  readonly acknowledged: number;
  /** How many were sent again with their key afterwards, because they had not been. */
  readonly repeated: number;
  readonly rows: number;
  readonly duplicates: number;
  readonly lost: number;
  /** What went as it must, in figures. */
  readonly notes: readonly string[];
  /** What must not be; none is a pass. */
  readonly complaints: readonly string[];
}

type Remarks = Pick<Finding, 'notes' | 'complaints'>;

const isHumanTicketWrong = (row: TicketRow, { isOpenedTicket }: Request): boolean =>
  row.isOpenedTicket !== isOpenedTicket || row.humanTickets !== (isOpenedTicket ? 1 : 0);

const ticketIdsOf = ({ attempts }: Request) =>
  new Set(attempts.map(({ ticketId }) => ticketId).filter((id) => id !== undefined));

function groupByKey(rows: readonly TicketRow[]): Map<string, TicketRow[]> {
  const groups = new Map<string, TicketRow[]>();
  for (const row of rows) groups.set(row.idempotencyKey, [...(groups.get(row.idempotencyKey) ?? []), row]);
  return groups;
}

function complaintsAbout(requests: readonly Request[], rows: ReadonlyMap<string, readonly TicketRow[]>) {
  const rowsOf = ({ idempotencyKey }: Request) => rows.get(idempotencyKey) ?? [];
  const wanted = new Set(requests.map(({ idempotencyKey }) => idempotencyKey));
  const wrong = requests
    .flatMap(({ attempts }) => attempts)
    .filter(({ answer, ticketId, refused }) => answer.status && !ticketId && !refused);
  const open = requests.filter((request) => acknowledgementOf(request) === undefined);
  const last = open[0]?.attempts.at(-1)?.answer;
  const counts: readonly [string, number][] = [
    [`never acknowledged, but ${last?.status} ${last?.text}`, open.length],
    ['without a row', requests.filter((request) => rowsOf(request).length === 0).length],
    ['rows that nobody asked for', [...rows.keys()].filter((key) => !wanted.has(key)).length],
    [
      'acknowledged with different tickets',
      requests.filter((request) => ticketIdsOf(request).size > 1).length,
    ],
    [
      'with a human ticket too few or too many',
      requests.filter((request) => rowsOf(request).some((row) => isHumanTicketWrong(row, request))).length,
    ],
    [`wrong answers, such as ${wrong[0]?.answer.status} ${wrong[0]?.answer.text}`, wrong.length],
  ];
  return counts.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
}

/** Compares what clients were told with the rows that are there. */
export async function judge(
  experiment: string,
  engine: Engine,
  load: Load,
  { notes = [], complaints = [] }: Partial<Remarks> = {},
): Promise<Finding> {
  const { requests } = load;
  const tickets = await engine.readTickets(load.prefix);
  const rows = groupByKey(tickets);
  const keysAndIds = new Set(tickets.map(({ id, idempotencyKey }) => `${idempotencyKey} ${id}`));
  const lost = requests.filter((request) => {
    const id = acknowledgementOf(request);
    return id !== undefined && !keysAndIds.has(`${request.idempotencyKey} ${id}`);
  });
  const attempts = requests.flatMap((request) => request.attempts);
  const answered = attempts.filter(({ answer }) => answer.status !== undefined);
  const slowest = Math.max(0, ...answered.map(({ answer }) => Math.round(answer.milliseconds)));
  const duplicates = tickets.length - rows.size;
  return {
    experiment: `${experiment}, ${engine.name}`,
    requests: requests.length,
    acknowledged: requests.filter(({ attempts: [first] }) => first?.ticketId !== undefined).length,
    repeated: requests.filter((request) => request.attempts.length > 1).length,
    rows: tickets.length,
    duplicates,
    lost: lost.length,
    notes: [
      ...notes,
      `${attempts.filter(({ refused }) => refused).length} answers 503`,
      `${attempts.length - answered.length} without an answer`,
      `slowest answer after ${slowest} ms`,
    ],
    complaints: [
      ...complaints,
      ...(duplicates > 0 ? [`${duplicates} duplicated`] : []),
      ...(lost.length > 0 ? [`${lost.length} acknowledged and lost`] : []),
      ...complaintsAbout(requests, rows),
    ],
  };
}
