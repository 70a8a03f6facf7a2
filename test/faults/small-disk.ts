import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Workbench } from './workbench.ts';

const BLOCK = Buffer.alloc(4_096);
const MEGABYTE = 1_048_576;

/** A file system of a few megabytes, in memory, which can be filled to its last byte. */
export class SmallDisk {
  /** Where it is mounted. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Mounts one of so many megabytes, until the bench is cleared. Throws where the machine does not allow it. */
  static async mount(bench: Workbench, megabytes: number): Promise<SmallDisk> {
    const folder = await bench.makeFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
    bench.put(() => execFileSync('umount', ['--lazy', folder]));
    return new SmallDisk(folder);
  }

  get #ballast(): string {
    return join(this.folder, 'ballast');
  }

  /** Leaves no space at all, or so many megabytes. */
  fill(leaving = 0): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (;;) writeSync(file, BLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      if (leaving > 0) ftruncateSync(file, fstatSync(file).size - leaving * MEGABYTE);
    } finally {
      closeSync(file);
    }
  }

  /** Gives the space back. */
  free(): void {
    const file = openSync(this.#ballast, 'a');
    ftruncateSync(file);
    closeSync(file);
    rmSync(this.#ballast);
  }
}
