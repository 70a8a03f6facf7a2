import type { Viewer } from '../auth/viewer.ts';
import { type Allowance, millisecondsUntilOne, type Quota } from './rate-limit.ts';
import type { SharedMeter } from './shared-meter.ts';

/** What Redis said of a bucket. */
export interface RedisAnswer extends Quota {
  /** Whether the bucket had what was asked of it. */
  readonly granted: boolean;
}

/** The allowance of one request, which remembers what Redis said last, so as not to ask it twice. */
export class SharedAllowance implements Allowance {
  readonly #meter: SharedMeter;
  readonly #local: Allowance;
  readonly #viewer: Viewer;
  #quota: Quota | undefined;

  constructor(meter: SharedMeter, local: Allowance, viewer: Viewer) {
    this.#meter = meter;
    this.#local = local;
    this.#viewer = viewer;
  }

  async take(): Promise<number> {
    const answer = await this.#meter.ask(this.#viewer, 1);
    this.#quota = answer;
    if (answer === undefined) return this.#local.take();
    return answer.granted ? 0 : millisecondsUntilOne(this.#viewer.rateLimit, answer.millisecondsUntilWhole);
  }

  async giveBack(): Promise<void> {
    // It goes back to where it was taken; one that was taken from a Redis that is away comes back by itself.
    if (this.#quota === undefined) return this.#local.giveBack();
    this.#quota = await this.#meter.ask(this.#viewer, -1);
  }

  async look(): Promise<Quota> {
    this.#quota ??= await this.#meter.ask(this.#viewer, 0);
    return this.#quota ?? this.#local.look();
  }
}
