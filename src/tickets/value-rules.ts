import { z } from 'zod';
import { isStorable, LARGEST_INTEGER } from '../db/column-limits.ts';
import type { FieldErrorCode } from '../errors.ts';
import { INSTANT_SPELLINGS, ISO_8601, LONGEST_INSTANT, parseInstant } from './instant.ts';

// Of a rule's own check zod knows nothing: what it takes stands beside it once more, in JSON Schema.

function isLongerThan(limit: number, text: string): boolean {
  if (text.length <= limit) return false;
  if (text.length > 2 * limit) return true;
  let characters = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) characters += 1;
  return characters > limit;
}

const broken = (code: FieldErrorCode, message: string, input: unknown) =>
  ({ code: 'custom', params: { code }, message, input }) as const;

/** A text of at most so many characters (Unicode code points) that PostgreSQL can hold. */
export const text = (limit: number) =>
  z
    .string({ error: 'must be a string' })
    .check(({ value, issues }) => {
      if (isLongerThan(limit, value)) {
        issues.push(broken('TOO_LONG', `must have at most ${limit} characters`, value));
      } else if (!isStorable(value)) {
        issues.push(broken('INVALID_TEXT', 'must not contain NUL or an unpaired surrogate', value));
      }
    })
    .meta({ maxLength: limit });

/** An integer from this on that a column of type INTEGER holds. */
export const integer = (least: number) =>
  z
    .number({ error: 'must be an integer' })
    .check(({ value, issues }) => {
      if (!Number.isInteger(value)) {
        issues.push(broken('INVALID_TYPE', 'must be an integer', value));
      } else if (value < least || value > LARGEST_INTEGER) {
        issues.push(broken('OUT_OF_RANGE', `must be from ${least} to ${LARGEST_INTEGER}`, value));
      }
    })
    .meta({ type: 'integer', minimum: least, maximum: LARGEST_INTEGER });

/** The text of an instant, which becomes its milliseconds since 1970. */
export const instant = z
  .string({ error: 'must be an ISO 8601 date' })
  .transform((value, { issues }) => {
    const milliseconds = parseInstant(value);
    if (Number.isNaN(milliseconds)) {
      issues.push(broken('INVALID_DATE', 'must be an ISO 8601 date that exists', value));
    }
    return milliseconds;
  })
  .meta({
    type: 'string',
    maxLength: LONGEST_INSTANT,
    pattern: ISO_8601.source,
    description: `An ISO 8601 text; it ${INSTANT_SPELLINGS}`,
  });

/**
 * A list of at most so many texts, each of at most so many characters.
 *
 * Counted before they are looked at, so that a long list of bad texts does not make a longer list of errors.
 */
export const texts = ({ count, length }: { readonly count: number; readonly length: number }) =>
  z
    .array(z.unknown(), { error: 'must be an array of strings' })
    .max(count, { error: `must have at most ${count} entries` })
    .pipe(z.array(text(length)))
    .meta({ maxItems: count });

const PRINTABLE_ASCII = /^[ -~]+$/;

/** A text of 1 to so many printable ASCII characters. */
export const printableText = (limit: number) =>
  z
    .string({ error: 'must be a string' })
    .check(({ value, issues }) => {
      if (value.length <= limit && PRINTABLE_ASCII.test(value)) return;
      const code = value.length > limit ? 'TOO_LONG' : 'INVALID_TEXT';
      issues.push(broken(code, `must have 1 to ${limit} printable ASCII characters`, value));
    })
    .meta({ maxLength: limit, pattern: PRINTABLE_ASCII.source });

const isMissing = (value: unknown): boolean =>
  typeof value === 'string' ? value.trim() === '' : value === undefined;

/** A value that must be there, and as a text not be blank. */
export const required = <Rule extends z.ZodType>(rule: Rule) =>
  z
    .unknown()
    .refine((value) => !isMissing(value), { error: 'is required', params: { code: 'REQUIRED' } })
    .pipe(rule)
    .meta({ pattern: '\\S' });
