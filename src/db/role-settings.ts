import type { SqlClient } from './database.ts';

/** The server's own time-outs, in milliseconds. */
export interface ServerLimits {
  readonly statement_timeout: number;
  readonly lock_timeout: number;
}

interface Setting {
  readonly name: string;
  readonly setting: string;
  /** Where the session has it from. */
  readonly source: string;
}

const text = `SELECT name, setting, source FROM pg_catalog.pg_settings
  WHERE name IN ('TimeZone', 'DateStyle', 'synchronous_commit', 'statement_timeout', 'lock_timeout')`;

// What is set for the server alone may change while connections are open.
const LASTING_SOURCE = /user|^database$/;

function faultOfCommit({ setting, source } = { setting: 'off', source: '' }): string[] {
  if (setting !== 'off' && LASTING_SOURCE.test(source)) return [];
  return [`synchronous_commit = '${setting === 'off' ? 'on' : setting}'`];
}

/**
 * Throws an error that holds the SQL to run, unless the role has what the gateway else sets for each session: UTC
 * and ISO, without which Prisma would misread every timestamp; commits that last, without which a ticket that was
 * acknowledged could be lost; and time-outs, without which one row that somebody has locked would hold up everybody.
 */
export async function requireRoleSettings(client: SqlClient, limits: ServerLimits): Promise<void> {
  const rows = await client.query<Setting>({ name: 'read_settings', text }, []);
  const settings = new Map(rows.map((row) => [row.name, row]));
  const settingOf = (name: string) => settings.get(name)?.setting;
  const isLimited = (name: keyof ServerLimits) => {
    const milliseconds = Number(settingOf(name));
    return milliseconds > 0 && milliseconds <= limits[name];
  };
  const missing = [
    ...(/^(Etc\/)?UTC$/.test(settingOf('TimeZone') ?? '') ? [] : ["timezone = 'UTC'"]),
    ...(settingOf('DateStyle')?.startsWith('ISO') ? [] : ["datestyle = 'ISO'"]),
    ...faultOfCommit(settings.get('synchronous_commit')),
    ...(isLimited('statement_timeout') ? [] : [`statement_timeout = ${limits.statement_timeout}`]),
    ...(isLimited('lock_timeout') ? [] : [`lock_timeout = ${limits.lock_timeout}`]),
  ];
  if (missing.length === 0) return;
  const statements = missing.map((setting) => `  ALTER ROLE CURRENT_USER SET ${setting};`);
  throw new Error(
    [
      'with DATABASE_TRANSACTION_POOLING its role needs settings, and the pooler new connections:',
      ...statements,
    ].join('\n'),
  );
}
