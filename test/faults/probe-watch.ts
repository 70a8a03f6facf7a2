import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, Client } from './client.ts';

const INTERVAL_MS = 150;

/** Looks at a gateway's /health and /ready all the time, each on a connection of its own. */
export class ProbeWatch {
  readonly health: Answer[] = [];
  readonly ready: Answer[] = [];
  readonly #running: Promise<unknown>;
  #stopped = false;

  constructor(port: number) {
    this.#running = Promise.all([
      this.#look(new Client(port), '/health', this.health),
      this.#look(new Client(port), '/ready', this.ready),
    ]);
  }

  async #look(client: Client, path: string, answers: Answer[]): Promise<void> {
    while (!this.#stopped) {
      answers.push(await client.send(path));
      await sleep(INTERVAL_MS);
    }
    client.close();
  }

  /** Ends the watch when the last answer has come. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }
}
