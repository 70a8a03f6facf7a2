import { isReferencePath } from '../reference/reference.ts';
import type { Door } from './door.ts';
import { isProbe } from './probes.ts';

/** What a path leads to: a door, by its name, a probe, the reference, or nothing that is served. */
export type Place = Door['name'] | 'probe' | 'reference' | 'none';

/** Tells what a path leads to, where its door is known. */
export function placeOf(path: string, door: Door | undefined): Place {
  if (door !== undefined) return door.name;
  if (isProbe(path)) return 'probe';
  return isReferencePath(path) ? 'reference' : 'none';
}
