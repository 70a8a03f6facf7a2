/** The least and the most that a number may be. */
export type Bounds = readonly [least: number, most: number];

/** Reads a whole number within bounds, written in digits; undefined when the text is none. */
export function readWholeNumber(text: string, [least, most]: Bounds): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}

/** What such a text must be, for people. */
export const wholeNumberWithin = ([least, most]: Bounds): string =>
  `must be a whole number from ${least} to ${most}`;
