import type { Environment, FinishedProcess, StartedProcess } from '../helpers/start-process.ts';
import { startProcess } from '../helpers/start-process.ts';
import type { Engine } from './engines.ts';
import { logSearch } from './log-search.ts';
import type { Workbench } from './workbench.ts';

/** Seconds after which a request that the database keeps waiting is answered. */
export const REQUEST_DEADLINE = 2;

const settings: Environment = {
  LOG_LEVEL: 'trace',
  LOG_FORMAT: 'json',
  RATE_LIMIT: '1000000',
  REQUEST_DEADLINE: `${REQUEST_DEADLINE}`,
};

/** A gateway that runs as a process, and can be killed and started again on its port. */
export class GatewayProcess {
  readonly port: number;
  readonly #bench: Workbench;
  readonly #settings: Environment;
  #process: StartedProcess;

  private constructor(bench: Workbench, engine: Engine, port: number, more: Environment) {
    this.#bench = bench;
    this.port = port;
    this.#settings = { ...settings, ...engine.settings, PORT: `${port}`, ...more };
    this.#process = this.#launch();
  }

  /** Launches a gateway, which need not listen yet; it is killed at the latest with the bench. */
  static launch(bench: Workbench, engine: Engine, port: number, more: Environment = {}): GatewayProcess {
    const gateway = new GatewayProcess(bench, engine, port, more);
    bench.put(() => gateway.end('SIGKILL'));
    return gateway;
  }

  /** The number of the process that runs, or ran last. */
  get processId(): number {
    return this.#process.id;
  }

  #launch(): StartedProcess {
    this.#bench.requireOpen();
    const started = startProcess(['serve', '--json'], this.#settings);
    void started.finished.then(({ stderr }) => logSearch.read(stderr));
    return started;
  }

  /** Waits until it listens. */
  async listens(): Promise<this> {
    await this.#process.waitFor(/\n/);
    return this;
  }

  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<FinishedProcess> {
    return this.#process.end(signal);
  }

  /** Starts it again after its end, without waiting until it listens. */
  restart(): void {
    this.#process = this.#launch();
  }

  /** Whether the process is there. */
  lives(): boolean {
    try {
      return process.kill(this.#process.id, 0);
    } catch {
      return false;
    }
  }

  /** How it ended; waits for that. */
  finished(): Promise<FinishedProcess> {
    return this.#process.finished;
  }
}
