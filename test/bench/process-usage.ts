import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { childrenOf } from '../faults/process-tree.ts';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function statOf(id: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** Seconds of CPU that a process has used so far, all of its threads, as Linux accounts for them. */
function processorSeconds(id: number): number {
  const [user, system] = statOf(id).slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND;
}

/** The same for a process and those that it has started, also those that have ended. */
export function treeProcessorSeconds(id: number): number {
  const [ended, endedSystem] = statOf(id).slice(13, 15).map(Number);
  const living = [id, ...childrenOf(id)].map(processorSeconds);
  return living.reduce(
    (sum, seconds) => sum + seconds,
    ((ended ?? 0) + (endedSystem ?? 0)) / TICKS_PER_SECOND,
  );
}

/** Megabytes of memory that a process holds now. */
export function memoryMegabytes(id: number): number {
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'latin1'));
  return Number(resident?.[1] ?? Number.NaN) / 1024;
}
