import { setImmediate as nextTurn } from 'node:timers/promises';

// So many are answered in each turn of the event loop;
const ANSWERS_IN_A_TURN = 8;
// and who has waited for longer than this, as long as that takes no longer than all else took since the turn before.
const LONGEST_WAIT_MS = 20;

interface Refusal {
  readonly since: number;
  readonly answer: () => void;
}

/**
 * Answers those who are refused one after another. Many who ask again at once could keep the process from what it has
 * taken on, so a busy one lets them wait: for some 20 milliseconds, and longer only when they would take half its time.
 */
export class PacedRefusals {
  readonly #waiting: Refusal[] = [];
  #isAnswering = false;

  /** Fails with what makes the error, after those who were refused before. */
  refuse(errorOf: () => Error): Promise<never> {
    return new Promise((_, reject) => {
      this.#waiting.push({ since: performance.now(), answer: () => reject(errorOf()) });
      if (!this.#isAnswering) void this.#answerAll();
    });
  }

  async #answerAll(): Promise<void> {
    this.#isAnswering = true;
    for (let ended = performance.now(); this.#waiting.length > 0; ended = performance.now()) {
      await nextTurn();
      const began = performance.now();
      for (let answered = 0; this.#isDue(answered, began, began - ended); answered += 1) {
        this.#waiting.shift()?.answer();
        // Lets those that were answered before go out, so that the clock sees what they take.
        await null;
      }
    }
    this.#isAnswering = false;
  }

  #isDue(answered: number, began: number, longest: number): boolean {
    const [next] = this.#waiting;
    if (next === undefined || answered < ANSWERS_IN_A_TURN) return next !== undefined;
    const now = performance.now();
    return now - next.since > LONGEST_WAIT_MS && now - began < longest;
  }
}
