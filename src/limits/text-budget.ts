import { GatewayError } from '../errors.ts';

/**
 * Most characters of messages and tags that the tickets of one request may have together, and that its answer may show.
 * Few bodies have room for more, but a document may use a variable, or ask for a field, again and again.
 */
const LIMIT = 262_144;

const tooMuchSent = `The document's tickets may have ${LIMIT} characters of messages and tags together`;
const tooMuchShown = `An answer may show ${LIMIT} characters of messages and tags`;

/** How many characters of messages and tags a request takes or shows, which is bounded. */
export class TextBudget {
  readonly #refusal: string;
  #taken = 0;

  private constructor(refusal: string) {
    this.#refusal = refusal;
  }

  /** Of the tickets that a request creates. */
  static forTickets(): TextBudget {
    return new TextBudget(tooMuchSent);
  }

  /** Of the tickets that an answer shows. */
  static forAnswer(): TextBudget {
    return new TextBudget(tooMuchShown);
  }

  /** How many were taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes so many. Throws DOCUMENT_TOO_COMPLEX past the limit. */
  take(characters: number): void {
    this.#taken += characters;
    if (this.#taken > LIMIT) throw new GatewayError('DOCUMENT_TOO_COMPLEX', this.#refusal);
  }
}
