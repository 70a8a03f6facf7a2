import type { Engine, PostgresEngine } from './engines.ts';
import type { Finding } from './judge.ts';
import type { Workbench } from './workbench.ts';

/** What an experiment works with. */
export interface Surroundings {
  readonly bench: Workbench;
  /** One server for all experiments, which each leaves as it was. */
  readonly postgres: PostgresEngine;
  /** One embedded database for all experiments; the first of them starts it in an empty folder. */
  readonly embedded: Engine;
  /** Whether there is time for the full length. */
  readonly full: boolean;
  /** Says what is being done. */
  say(line: string): void;
}

/** One kind of fault: makes it happen, and tells what came of it. */
export type Experiment = (surroundings: Surroundings) => Promise<Finding[]>;
