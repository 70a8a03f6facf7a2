import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Asker, shop } from './engines.ts';
import { type FloodAnswer, FloodConnection } from './flood-connection.ts';

// Answers of the first moments tell of the start, not of the load.
const WARM_UP_MS = 500;

/** A load for a while: as fast as so many connections go, or at a rate whatever becomes of it. */
export interface FloodPlan {
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, at most one at a time on each connection. Without it each asks as soon as it was answered. */
  readonly rate?: number;
}

/** How a load went: tickets, refusals and requests in each second, and the milliseconds of each ticket and refusal. */
export interface FloodResult {
  readonly good: number;
  readonly refused: number;
  readonly offered: number;
  readonly tickets: readonly number[];
  readonly refusals: readonly number[];
}

/** Clients that ask for tickets as fast as can be, each under a new key, with all that came back. */
export class Flood {
  /** What the keys start with. */
  readonly prefix = `${randomUUID()}-`;
  readonly answers: FloodAnswer[] = [];
  readonly #port: number;
  readonly #asker: Asker;
  #asked = 0;

  constructor(port: number, asker = shop) {
    this.#port = port;
    this.#asker = asker;
  }

  async #ask(connection: FloodConnection): Promise<void> {
    this.#asked += 1;
    this.answers.push(await connection.ask(`${this.prefix}${this.#asked}`));
  }

  async #askSteadily(connections: FloodConnection[], rate: number, isOver: () => boolean): Promise<void> {
    const [since, before, underWay] = [performance.now(), this.#asked, new Set<Promise<void>>()];
    while (!isOver()) {
      const due = ((performance.now() - since) / 1_000) * rate - (this.#asked - before);
      for (const connection of connections.splice(0, Math.max(0, Math.floor(due)))) {
        const asked = this.#ask(connection).then(() => {
          connections.push(connection);
          underWay.delete(asked);
        });
        underWay.add(asked);
      }
      await sleep(1);
    }
    await Promise.all(underWay);
  }

  /** Makes a load, and waits for its last answer. */
  async run({ connections: count, seconds, rate }: FloodPlan): Promise<FloodResult> {
    const connections = await Promise.all(
      Array.from({ length: count }, () => FloodConnection.open(this.#port, this.#asker)),
    );
    let over = false;
    const isOver = () => over;
    const askOnAndOn = async (connection: FloodConnection) => {
      while (!over) await this.#ask(connection);
    };
    const running =
      rate === undefined
        ? Promise.all(connections.map(askOnAndOn))
        : this.#askSteadily([...connections], rate, isOver);
    await sleep(WARM_UP_MS);
    const [since, first, askedBefore] = [performance.now(), this.answers.length, this.#asked];
    await sleep(seconds * 1_000);
    const passed = (performance.now() - since) / 1_000;
    const [answers, offered] = [this.answers.slice(first), this.#asked - askedBefore];
    over = true;
    await running;
    for (const connection of connections) connection.close();
    const timesOf = (some: readonly FloodAnswer[]) =>
      some.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
    const tickets = timesOf(answers.filter(({ ticketId }) => ticketId !== undefined));
    const refusals = timesOf(answers.filter(({ isRefused }) => isRefused));
    return {
      good: tickets.length / passed,
      refused: refusals.length / passed,
      offered: offered / passed,
      tickets,
      refusals,
    };
  }
}
