import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const OPEN_FILES = '/proc/self/fd';

// The path of a socket may have a hundred characters, and that of a folder has more at times. Linux has a short one for
// each folder that is open.
async function withShortPath<Result>(
  directory: string,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(OPEN_FILES)) return use(directory);
  const folder = await open(directory);
  try {
    return await use(`${OPEN_FILES}/${folder.fd}`);
  } finally {
    await folder.close();
  }
}

/**
 * Listens on a socket in a folder, by which processes that do not see this one, as from another container, learn that
 * it lives, be it frozen. Returns how to end that. A file system without sockets has none.
 */
export async function openOwnerSocket(directory: string, name: string): Promise<() => Promise<void>> {
  const server = createServer((connection) => connection.destroy()).unref();
  await withShortPath(directory, (path) => {
    server.listen(join(path, name));
    return once(server, 'listening').catch(() => {});
  });
  return async () => {
    if (!server.listening) return;
    server.close();
    await rm(join(directory, name), { force: true });
  };
}

/** Whether somebody listens on a socket in a folder. */
export function ownerAnswers(directory: string, name: string): Promise<boolean> {
  return withShortPath(directory, async (path) => {
    const connection = connect(join(path, name));
    try {
      await once(connection, 'connect');
      return true;
    } catch (error) {
      // Anything else, such as a lack of rights, tells of somebody.
      const { code = '' } = error as NodeJS.ErrnoException;
      return !['ECONNREFUSED', 'ENOENT'].includes(code);
    } finally {
      connection.destroy();
    }
  });
}
