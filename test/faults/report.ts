import { table } from '../../src/commands/output.ts';
import type { Finding } from './judge.ts';
import type { LogSearch } from './log-search.ts';

const columns = ['requests', 'acknowledged', 'repeated', 'rows', 'duplicates', 'lost'] as const;

/** Whether an experiment found nothing amiss. */
export const passed = ({ complaints }: Finding): boolean => complaints.length === 0;

/** What one experiment found, in a few lines. */
export function describe(finding: Finding): string[] {
  const { experiment, notes, complaints } = finding;
  return [
    `  ${passed(finding) ? 'pass' : 'FAIL'}  ${experiment}: ${notes.join(', ')}`,
    ...complaints.map((complaint) => `        ! ${complaint}`),
  ];
}

/** What all of them found, as a table. */
export function summarize(findings: readonly Finding[]): string[] {
  const rows = findings.map((finding) => [
    finding.experiment,
    ...columns.map((column) => finding[column].toLocaleString('en')),
    passed(finding) ? 'pass' : 'FAIL',
  ]);
  return table(['experiment', ...columns, 'verdict'], rows);
}

const LEAKS_SHOWN = 5;

/** What the search of the logs found. */
export function summarizeLogs({ lines, leaks }: LogSearch): string[] {
  const [searched, held] = [lines, leaks.length].map((count) => count.toLocaleString('en'));
  return [
    `${searched} lines of logs searched for the API key, a message and the database's password: ${held} hold one`,
    ...leaks.slice(0, LEAKS_SHOWN),
  ];
}
