/** The option that every command takes. */
export interface JsonOption {
  readonly json?: boolean;
}

/** Its flag and its help text. */
export const jsonOption = ['--json', 'print exactly one JSON value on standard output'] as const;

/** Prints what a command has to say: one JSON value, or lines for people. */
export function print({ json }: JsonOption, value: unknown, lines: () => readonly string[]): void {
  const text = json ? JSON.stringify(value) : lines().join('\n');
  process.stdout.write(`${text}\n`);
}

/** Says on standard error what a slow step is doing, so that standard output stays what was asked for. */
export function announce(message: string): void {
  process.stderr.write(`${message}\n`);
}

const cell = (value: unknown): string => {
  if (value === null) return '-';
  if (value instanceof Date) return value.toISOString().slice(0, 16).replace('T', ' ');
  // What a name holds must neither break the line nor steer the terminal.
  return String(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
};

/** Lays rows out as columns, under their headings. */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[]): string[] {
  const cells = [headings, ...rows].map((row) => row.map(cell));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
