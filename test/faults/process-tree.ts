import { readdirSync, readFileSync } from 'node:fs';

/** The processes that a process has started, as Linux tells them. */
export function childrenOf(parent: number): number[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.map(Number).filter((id) => {
    try {
      const status = readFileSync(`/proc/${id}/stat`, 'latin1');
      return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]) === parent;
    } catch {
      return false;
    }
  });
}
