import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * When a process started, in whatever form the system tells it; undefined when it does not, because there is no such process
 * or because it may not be seen.
 */
export function startOf(processId: number): string | undefined {
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

/** Whether there is a process of this number, which may be somebody else's. */
export function isThere(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * The number of the namespace in which process numbers count, of which each container has one of its own; 0 where there are
 * none, or where it cannot be told.
 */
export function readNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

/** Whether processes of these two namespaces know each other by their numbers. */
export const isSameNamespace = (one: string, other: string): boolean =>
  one === other && (one !== '0' || process.platform !== 'linux');
