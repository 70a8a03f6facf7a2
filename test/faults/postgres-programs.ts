import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of PostgreSQL's programs: the newest of those that Debian installs, or what `pg_config` tells. */
export function findPrograms(): string {
  const installed = '/usr/lib/postgresql';
  const versions = existsSync(installed) ? readdirSync(installed).sort((a, b) => Number(b) - Number(a)) : [];
  const folder = versions.map((version) => join(installed, version, 'bin')).find(existsSync);
  return folder ?? execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
}

/**
 * How to run a program of PostgreSQL's, which refuses to run as root. setpriv becomes the program, so that a
 * signal to it is one to PostgreSQL.
 */
export const asPostgres = (program: string, words: readonly string[]): [string, string[]] =>
  process.getuid?.() === 0
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', program, ...words]]
    : [program, [...words]];
