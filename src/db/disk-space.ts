import { statfs } from 'node:fs/promises';

// Two segments of the write-ahead log: PGlite hangs for good, and the process with it, when it cannot write one.
const LEAST_BYTES = 32 * 1024 * 1024;
// In which PGlite writes a fraction of that.
const CHECK_INTERVAL_MS = 50;
// What PostgreSQL says of a full disk, with its SQLSTATE.
const full = () =>
  Object.assign(new Error('could not extend file: No space left on device'), { code: '53100' });

/** Makes a check that fails, as PostgreSQL does when its disk is full, while the disk of a folder has less than 32 MiB. */
export function createSpaceCheck(directory: string): () => Promise<void> {
  let [checkedAt, bytes] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return async () => {
    const now = performance.now();
    if (now - checkedAt >= CHECK_INTERVAL_MS) {
      checkedAt = now;
      const { bavail, bsize } = await statfs(directory);
      bytes = bavail * bsize;
    }
    if (bytes < LEAST_BYTES) throw full();
  };
}
