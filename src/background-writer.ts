import { type DestinationStream, pino } from 'pino';

/** Writes lines while others are served. */
export interface BackgroundWriter extends DestinationStream {
  /** Writes all that waits, and then calls `done`, also when it cannot be written. */
  flush(done: () => void): void;
  /** Sets who is told, when lines can be written again, why they could not. */
  onRecovery(tell: (reason: Error) => void): void;
}

// What pino's destination is in the mode for bytes, of which its types do not know.
interface Bytes {
  write(bytes: Buffer): void;
  flush(done: (error?: Error) => void): void;
  flushSync(): void;
  on(event: 'error', heed: (reason: Error) => void): void;
  on(event: 'drain', heed: () => void): void;
}

// So much may wait for who reads the log: lines beyond it are dropped, for whoever has stopped would take all memory.
const MOST_BYTES_WAITING = 16_777_216;

/**
 * Many lines with one write, for each costs as much as ten lines do; a tenth of a second late at most, and what
 * remains is written when the process exits. As bytes, because with texts every line has all that wait counted anew.
 * While they cannot be written, as on a full disk, they wait, too, and whoever is served does not notice.
 */
export function writeInBackground(descriptor: 1 | 2): BackgroundWriter {
  const bytes = pino.destination({
    dest: descriptor,
    sync: false,
    minLength: 32_768,
    maxWrite: 65_536,
    maxLength: MOST_BYTES_WAITING,
    periodicFlush: 100,
    contentMode: 'buffer',
  }) as unknown as Bytes;
  let fault: Error | undefined;
  let tellRecovery: (reason: Error) => void = () => {};
  bytes.on('error', (reason) => {
    fault = reason;
  });
  bytes.on('drain', () => {
    if (fault === undefined) return;
    const reason = fault;
    fault = undefined;
    tellRecovery(reason);
  });
  // At the exit it would try for ever what cannot be written.
  const flushSync = bytes.flushSync.bind(bytes);
  bytes.flushSync = () => {
    if (fault === undefined) flushSync();
  };
  return {
    write: (line) => bytes.write(Buffer.from(line)),
    flush: (done) => bytes.flush(() => done()),
    onRecovery: (tell) => {
      tellRecovery = tell;
    },
  };
}
