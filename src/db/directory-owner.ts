import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../operator-error.ts';

const CLAIM = /^owner-(\d+)-(\w+)$/;

/** The folder of an embedded database is in use by another process. */
export class DirectoryInUseError extends OperatorError {
  constructor(directory: string, processId: number) {
    super(
      `The embedded database in ${directory} is in use by process ${processId}: ` +
        'stop that first, or set DATA_DIR to another folder or DATABASE_URL to a PostgreSQL server.',
    );
  }
}

/** When a process started, in whatever form the system tells it; undefined when there is no such process. */
function startOf(processId: number): string | undefined {
  try {
    // After the name, which stands in parentheses and may hold anything, come the state, of which Z and X are
    // those of a process that is dead but not yet reaped, and as the 20th field the start time.
    const status = readFileSync(`/proc/${processId}/stat`, 'latin1');
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(processId)], { encoding: 'latin1' });
    return started.replace(/\W/g, '') || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Claims a folder for this process, or throws a DirectoryInUseError; returns how to give it back.
 *
 * Every process first writes its own claim, then reads the others': of two that start at once, the later
 * reader sees the earlier claim, so never do both go on. A claim counts while its process lives, known by
 * its number and its start time, because numbers are used again. Claims of dead processes are removed.
 */
export async function ownDirectory(directory: string): Promise<() => Promise<void>> {
  const own = `owner-${process.pid}-${startOf(process.pid)}`;
  const release = () => rm(join(directory, own), { force: true });
  await writeFile(join(directory, own), '', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new DirectoryInUseError(directory, process.pid);
    throw new OperatorError(`The folder ${directory} in DATA_DIR cannot be used: ${error.message}`);
  });
  for (const name of await readdir(directory)) {
    const [, processId, start] = CLAIM.exec(name) ?? [];
    if (name === own || processId === undefined) continue;
    if (startOf(Number(processId)) === start) {
      await release();
      throw new DirectoryInUseError(directory, Number(processId));
    }
    await rm(join(directory, name), { force: true });
  }
  return release;
}
