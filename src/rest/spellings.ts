import type { JsonSchema } from '../tickets/input.ts';

/** What v1 takes for a value beside the value itself. */
export interface Spelling {
  /** Turns what was sent into the plain value. What it does not know it leaves to the input rules. */
  read(value: unknown): unknown;
  /** Tells in JSON Schema what may be sent, of what the input rules take. */
  describe(plain: JsonSchema): JsonSchema;
}

const DIGITS = /^\d+$/;

/** An integer, or a string of its digits. */
export const digits: Spelling = {
  read: (value) => (typeof value === 'string' && DIGITS.test(value) ? Number(value) : value),
  describe: (plain) => ({ ...plain, type: [plain.type, 'string'], pattern: DIGITS.source }),
};

/** True for true and 'true', and false for whatever else is sent. */
export const flag: Spelling = {
  read: (value) => value === true || value === 'true',
  describe: (plain) => ({
    ...plain,
    type: [plain.type, 'string'],
    enum: [true, false, 'true', 'false'],
    description: `${plain.description} True and "true" are taken for true, and whatever else is sent for false.`,
  }),
};

const QUOTED = /^"([^"\\]|\\["\\])*"$/;

/** A bare text, or a quoted string of HTTP's structured fields. */
export const quoted: Spelling = {
  read: (value) =>
    typeof value === 'string' && QUOTED.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value,
  describe: ({ description, ...plain }) => ({
    description: `${description} Sent bare, or quoted as a string of HTTP's structured fields.`,
    anyOf: [
      { title: 'Bare', ...plain },
      { title: 'Quoted', type: 'string', pattern: QUOTED.source },
    ],
  }),
};
