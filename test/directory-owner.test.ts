import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { existsSync, watch } from 'node:fs';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { DirectoryInUseError, ownDirectory } from '../src/db/directory-owner.ts';
import { openEmbedded } from '../src/db/embedded.ts';
import { openOwnerSocket } from '../src/db/owner-socket.ts';
import { prepareEmbeddedCommandLine } from './helpers/process.ts';
import type { StartedProcess } from './helpers/start-process.ts';

/** Hides files from this process until the end of the test. */
function hide(paths: RegExp) {
  for (const name of ['readFileSync', 'readlinkSync', 'existsSync'] as const) {
    const read = fs[name] as (path: unknown, ...rest: unknown[]) => unknown;
    vi.spyOn(fs, name).mockImplementation(((path: unknown, ...rest: unknown[]) => {
      if (!paths.test(String(path))) return read(path, ...rest);
      if (name === 'existsSync') return false;
      throw Object.assign(new Error('not there'), { code: 'ENOENT' });
    }) as never);
  }
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
}

const commandLine = await prepareEmbeddedCommandLine();
const directory = commandLine.environment.DATA_DIR ?? '';

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ticket-gateway-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

const claimsIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => /^owner-[^.]*$/.test(name));
const namespace = /\d+/.exec(await readlink('/proc/self/ns/pid'))?.[0];

const inUse = (directory: string, processId: number) => new DirectoryInUseError(directory, processId);

describe('a folder', () => {
  test('is claimed once, even by the same process, until it is released', async () => {
    const directory = await makeDirectory();
    const release = await ownDirectory(directory);
    await expect(ownDirectory(directory)).rejects.toEqual(inUse(directory, process.pid));
    await release();
    expect(await readdir(directory)).toEqual([]);
    await (await ownDirectory(directory))();
  });

  test('stays claimed when another claim was refused', async () => {
    const directory = await makeDirectory();
    const release = await ownDirectory(directory);
    const claims = await readdir(directory);
    await expect(ownDirectory(directory)).rejects.toThrow(DirectoryInUseError);
    expect(await readdir(directory)).toEqual(claims);
    await release();
  });

  test('is not kept by the claim of a dead process, which is removed', async () => {
    const directory = await makeDirectory();
    const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(dead, 'close');
    await writeFile(join(directory, `owner-${dead.pid}-1-${namespace}`), '');
    const release = await ownDirectory(directory);
    expect(await claimsIn(directory)).toEqual([expect.stringMatching(`^owner-${process.pid}-`)]);
    await release();
  });

  // Such as those of two containers that share it. Here the number of the process is that of another, which lives.
  test('is claimed by a process that cannot be seen for as long as that answers', async () => {
    const directory = await makeDirectory();
    const claim = `owner-${process.pid}-1-1`;
    await writeFile(join(directory, claim), '');
    const close = await openOwnerSocket(directory, `${claim}.socket`);
    await expect(ownDirectory(directory)).rejects.toEqual(inUse(directory, process.pid));
    expect(await readdir(directory)).toEqual([claim, `${claim}.socket`]);
    await close();
    const release = await ownDirectory(directory);
    expect(await claimsIn(directory)).toEqual([expect.stringMatching(`^owner-.*-${namespace}$`)]);
    await release();
    expect(await readdir(directory)).toEqual([]);
  });

  test('is not claimed by a process that sees no others', async () => {
    const directory = await makeDirectory();
    const release = await ownDirectory(directory);
    const claims = await readdir(directory);
    hide(/^\/proc\//);
    await expect(ownDirectory(directory)).rejects.toEqual(inUse(directory, process.pid));
    expect(await readdir(directory)).toEqual(claims);
    await release();
    const releaseUnseen = await ownDirectory(directory);
    await expect(ownDirectory(directory)).rejects.toThrow(DirectoryInUseError);
    await releaseUnseen();
    expect(await readdir(directory)).toEqual([]);
  });

  test('is claimed by a process that others may not see, until that is dead', async () => {
    const directory = await makeDirectory();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    const claim = `owner-${other.pid}-1-${namespace}`;
    await writeFile(join(directory, claim), '');
    const close = await openOwnerSocket(directory, `${claim}.socket`);
    hide(new RegExp(`^/proc/${other.pid}/`));
    await expect(ownDirectory(directory)).rejects.toEqual(inUse(directory, Number(other.pid)));
    other.kill();
    await once(other, 'close');
    await (await ownDirectory(directory))();
    await close();
    expect(await readdir(directory)).toEqual([]);
  });

  test('is not kept by a process that cannot be seen and was killed, which leaves its socket', async () => {
    const directory = await makeDirectory();
    const claim = `owner-${process.pid}-1-1`;
    const listening = `require('net').createServer().listen(${JSON.stringify(join(directory, `${claim}.socket`))}, () => console.log())`;
    const killed = spawn(process.execPath, ['-e', listening]);
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'close');
    await writeFile(join(directory, claim), '');
    expect(await readdir(directory)).toEqual([claim, `${claim}.socket`]);
    await (await ownDirectory(directory))();
    expect(await readdir(directory)).toEqual([]);
  });
});

/** Waits until the file system has the entry in the folder. */
async function appearance(directory: string, name: string): Promise<void> {
  const watcher = watch(directory);
  while (!existsSync(join(directory, name))) await once(watcher, 'change');
  watcher.close();
}

describe('the folder of a server', () => {
  let killed: StartedProcess;
  let leftBehind: string[];
  let server: StartedProcess;
  let claim: string;

  // The very first start is killed midway; the one after it is the server that the tests are about.
  beforeAll(async () => {
    killed = commandLine.start(['serve']);
    await appearance(directory, 'pglite.draft');
    // The mark by which PGlite takes a folder for a database that it only has to open.
    await appearance(join(directory, 'pglite.draft'), 'PG_VERSION');
    await killed.end('SIGKILL');
    leftBehind = await readdir(directory);
    server = commandLine.start(['serve', '--json']);
    await server.waitFor(/\n/);
    [claim = ''] = await claimsIn(directory);
  }, 120_000);

  test('can be used after its very first start was killed midway', async () => {
    const named = (id: number, end = '') => expect.stringMatching(`^owner-${id}-\\w+-\\d+${end}$`);
    expect(leftBehind).toEqual([named(killed.id), named(killed.id, '.socket'), 'pglite.draft']);
    expect(await readdir(directory)).toEqual([named(server.id), named(server.id, '.socket'), 'pglite']);
  });

  test('is refused to a second process, in one line that names the first', async () => {
    expect(await commandLine.run(['shops', 'list', '--json'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `${inUse(directory, server.id).message}\n`,
    });
    expect(inUse(directory, server.id).message).toMatch(`in use by process ${server.id}: stop that first`);
    expect(await claimsIn(directory)).toEqual([claim]);
  });

  test('is known by the number of its process together with the time when that started', async () => {
    const another = await makeDirectory();
    await writeFile(join(another, claim.replace(/-\d+$/, '0$&')), '');
    const release = await ownDirectory(another);
    await release();
    await writeFile(join(another, claim), '');
    await expect(ownDirectory(another)).rejects.toEqual(inUse(another, server.id));
    expect(await readdir(another)).toEqual([claim]);
  });

  test('is free again once its process was killed', async () => {
    expect(await server.end('SIGKILL')).toMatchObject({ exitCode: null });
    expect(await claimsIn(directory)).toEqual([claim]);
    const { exitCode, stdout } = await commandLine.run(['shops', 'list', '--json']);
    expect({ exitCode, shops: JSON.parse(stdout) }).toEqual({
      exitCode: 0,
      shops: [expect.objectContaining({ domain: 'demo.example' })],
    });
    expect(await readdir(directory)).toEqual(['pglite']);
  });

  test('is free again once its server failed to start', async () => {
    const database = await openEmbedded(directory, () => {});
    await database.withSession((session) => session.execute('DROP TABLE shops CASCADE'));
    await database.close();
    const { exitCode, stdout } = await commandLine.run(['serve', '--json']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(await readdir(directory)).toEqual(['pglite']);
  });
});
