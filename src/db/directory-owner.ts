import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../operator-error.ts';
import { openOwnerSocket, ownerAnswers } from './owner-socket.ts';
import { isSameNamespace, isThere, readNamespace, startOf } from './process-identity.ts';

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

const socketOf = (claim: string) => `${claim}.socket`;

/** Whether the process that made a claim lives. */
async function lives(directory: string, claim: RegExpExecArray, ownNamespace: string): Promise<boolean> {
  const [name, processId, start, namespace = ''] = claim;
  if (isSameNamespace(namespace, ownNamespace)) {
    const found = startOf(Number(processId));
    if (found !== undefined) return found === start;
    if (!isThere(Number(processId))) return false;
  }
  return ownerAnswers(directory, socketOf(name));
}

/**
 * Claims a folder for this process, or throws a DirectoryInUseError; returns how to give it back.
 *
 * Every process first writes its own claim, then reads the others': of two that start at once, the later
 * reader sees the earlier claim, so never do both go on. A claim counts while its process lives, known by
 * its number and its start time, because numbers are used again, or where these mean nothing or cannot be seen, by its
 * socket. Claims of dead processes are removed.
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
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const { name } = entry;
    const claim = CLAIM.exec(name);
    if (name === own || claim === null || !entry.isFile()) continue;
    if (await lives(directory, claim, ownNamespace)) {
      await release();
      throw new DirectoryInUseError(directory, Number(claim[1]));
    }
    for (const left of [name, socketOf(name)]) await rm(join(directory, left), { force: true });
  }
  return release;
}
