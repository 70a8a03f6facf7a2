import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.ts';
import { pollUntil } from './poll.ts';
import { type Attempt, attempt, type Door, type WantedTicket } from './ticket-request.ts';

const CLIENTS = 24;
// After a failure a client pauses, as a patient one would, and longer when nothing answers.
const PAUSE_MS = 250;
const LONG_PAUSE_MS = 1_000;
const RETRIES = 40;

/** A ticket that was asked for, with every try to get it. */
export interface Request extends WantedTicket {
  readonly door: Door;
  readonly attempts: Attempt[];
}

/** The id that the gateway acknowledged a request with, if it did. */
export const acknowledgementOf = (request: Request): string | undefined =>
  request.attempts.find(({ ticketId }) => ticketId !== undefined)?.ticketId;

const otherDoor: Readonly<Record<Door, Door>> = { rest: 'graphql', graphql: 'rest' };

/**
 * Many clients that ask for one ticket after the other, half of them through each door, half of the tickets
 * opened, each under a key of its own.
 */
export class Load {
  /** What the keys of this load start with. */
  readonly prefix = `${randomUUID()}-`;
  readonly requests: Request[] = [];
  readonly #clients: readonly Client[];
  #running: Promise<unknown> | undefined;
  #stopped = false;

  constructor(port: number, clients = CLIENTS) {
    this.#clients = Array.from({ length: clients }, () => new Client(port));
  }

  /** Makes the clients begin. */
  start(): void {
    this.#running = Promise.all(this.#clients.map((client, index) => this.#ask(client, index)));
  }

  async #ask(client: Client, index: number): Promise<void> {
    while (!this.#stopped) {
      const request = this.want(index % 2 === 0 ? 'rest' : 'graphql');
      const { ticketId, answer } = await this.send(request, client);
      if (ticketId === undefined) await sleep(answer.status === undefined ? LONG_PAUSE_MS : PAUSE_MS);
    }
  }

  /** Notes one more ticket that is wanted, under this key or a new one. */
  want(
    door: Door,
    idempotencyKey = `${this.prefix}${this.requests.length}`,
    isOpenedTicket = Math.random() < 0.5,
  ): Request {
    const request: Request = { idempotencyKey, isOpenedTicket, door, attempts: [] };
    this.requests.push(request);
    return request;
  }

  /** Asks for a wanted ticket once, through its door or another. */
  async send(request: Request, client: Client, door = request.door): Promise<Attempt> {
    const made = await attempt(door, client, request);
    request.attempts.push(made);
    return made;
  }

  /** Waits until a ticket is acknowledged whose request was sent from this moment on. */
  async resumes(within: number): Promise<number> {
    const since = performance.now();
    await pollUntil('the gateway creates tickets again', within, () =>
      this.requests
        .slice(-1_000)
        .some(({ attempts }) => attempts.some((made) => made.ticketId && made.answer.sentAt >= since)),
    );
    return performance.now() - since;
  }

  /** Lets every client finish what it waits for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Repeats what was not acknowledged, each with its key and through the other door; then ends the connections. */
  async settle(): Promise<void> {
    const open = this.requests.filter((request) => acknowledgementOf(request) === undefined);
    const finish = async (client: Client) => {
      for (let request = open.pop(); request; request = open.pop()) {
        for (let retry = 0; retry < RETRIES && acknowledgementOf(request) === undefined; retry += 1) {
          if (retry > 0) await sleep(PAUSE_MS);
          await this.send(request, client, otherDoor[request.door]);
        }
      }
    };
    await Promise.all(this.#clients.map(finish));
    this.close();
  }

  /** Ends the connections. */
  close(): void {
    for (const client of this.#clients) client.close();
  }
}
