import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import type { Logger } from '../log.ts';

// Of the files and connections that the process may have open, so many are kept for the database, the log and whoever else it
// asks, or half where there are few.
const KEPT = 256;
const LOG_INTERVAL_MS = 60_000;

// Only Linux tells.
function mostFiles(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Drops connections past as many as leave room for what answers them. The log says so once a minute. */
export function limitConnections(server: Server, log: Logger | undefined): void {
  const files = mostFiles();
  const most = Math.max(files - KEPT, Math.floor(files / 2));
  server.maxConnections = most;
  let loggedAt = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    if (performance.now() - loggedAt < LOG_INTERVAL_MS) return;
    loggedAt = performance.now();
    log?.warn({ most }, 'connections are dropped: so many are open, and the system allows few more files');
  });
}
