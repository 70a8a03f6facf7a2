import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../operator-error.ts';
import { openOwnerSocket, ownerAnswers } from './owner-socket.ts';

const CLAIM = /^owner-(\d+)-(\w+)-(\d+)$/;

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

/** The number of the namespace in which process numbers count, of which each container has one of its own; else 0. */
function readNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

const socketOf = (claim: string) => `${claim}.socket`;

/**
 * Claims a folder for this process, or throws a DirectoryInUseError; returns how to give it back.
 *
 * Every process first writes its own claim, then reads the others': of two that start at once, the later
 * reader sees the earlier claim, so never do both go on. A claim counts while its process lives, known by
 * its number and its start time, because numbers are used again, or where its number means nothing, by its socket. Claims
 * of dead processes are removed.
 */
export async function ownDirectory(directory: string): Promise<() => Promise<void>> {
  const ownNamespace = readNamespace();
  const own = `owner-${process.pid}-${startOf(process.pid)}-${ownNamespace}`;
  const refuse = (error: NodeJS.ErrnoException): never => {
    if (error.code === 'EEXIST') throw new DirectoryInUseError(directory, process.pid);
    throw new OperatorError(`The folder ${directory} in DATA_DIR cannot be used: ${error.message}`);
  };
  // First, because a claim without it may be taken for that of a dead process.
  const closeSocket = await openOwnerSocket(directory, socketOf(own)).catch(refuse);
  const release = async () => {
    await closeSocket();
    await rm(join(directory, own), { force: true });
  };
  await writeFile(join(directory, own), '', { flag: 'wx' }).catch(refuse);
  for (const name of await readdir(directory)) {
    const [, processId, start, namespace] = CLAIM.exec(name) ?? [];
    if (name === own || processId === undefined) continue;
    const lives =
      namespace === ownNamespace
        ? startOf(Number(processId)) === start
        : await ownerAnswers(directory, socketOf(name));
    if (lives) {
      await release();
      throw new DirectoryInUseError(directory, Number(processId));
    }
    for (const left of [name, socketOf(name)]) await rm(join(directory, left), { force: true });
  }
  return release;
}
