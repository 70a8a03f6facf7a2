import { z } from 'zod';
import { type FieldError, type FieldErrorCode, InvalidInputError } from '../errors.ts';

/** Most characters (Unicode code points) that each text of a ticket takes. */
export const textLimits = {
  channel: 64,
  name: 998,
  threadId: 998,
  emailUsed: 320,
  lastMessage: 65_536,
  contactReason: 255,
  languageCode: 35,
  via: 255,
} as const;

/** Most tags that a ticket takes, and most characters of each. */
export const tagLimits = { count: 100, length: 255 } as const;

/** Most characters that an idempotency key takes. */
export const IDEMPOTENCY_KEY_LIMIT = 255;

/** The largest number that a column of type INTEGER holds. */
const LARGEST_INTEGER = 2_147_483_647;
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

const isLongerThan = (limit: number, text: string): boolean =>
  text.length > limit && (text.length > 2 * limit || [...text].length > limit);

const broken = (code: FieldErrorCode, message: string, input: unknown) =>
  ({ code: 'custom', params: { code }, message, input }) as const;

const text = (limit: number) =>
  z.string({ error: 'must be a string' }).check(({ value, issues }) => {
    if (isLongerThan(limit, value)) {
      issues.push(broken('TOO_LONG', `must have at most ${limit} characters`, value));
    } else if (value.includes('\0') || !value.isWellFormed()) {
      issues.push(broken('INVALID_TEXT', 'must not contain NUL or an unpaired surrogate', value));
    }
  });

const integer = (least: number) =>
  z.number({ error: 'must be an integer' }).check(({ value, issues }) => {
    if (!Number.isInteger(value)) {
      issues.push(broken('INVALID_TYPE', 'must be an integer', value));
    } else if (value < least || value > LARGEST_INTEGER) {
      issues.push(broken('OUT_OF_RANGE', `must be from ${least} to ${LARGEST_INTEGER}`, value));
    }
  });

const ISO_8601 = /^(\d{4}-\d\d-\d\d)(?:T([01]\d|2[0-3])(:[0-5]\d)(:[0-5]\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

// Date.parse takes the 30th of February for the 2nd of March. Every month has 28 days.
const exists = (day: string): boolean =>
  day.slice(-2) <= '28' || new Date(`${day}T00:00Z`).getUTCDate() === Number(day.slice(-2));

/** The instant that an ISO 8601 text names, UTC where it names no zone; NaN when there is no such instant. */
function parseInstant(value: string): number {
  const [, day, hour = '00', minute = ':00', second = ':00', zone = 'Z'] = ISO_8601.exec(value) ?? [];
  if (day === undefined || !exists(day)) return Number.NaN;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const instant = Date.parse(`${day}T${hour}${minute}${second}${offset}`);
  return instant >= EARLIEST && instant <= LATEST ? instant : Number.NaN;
}

const instant = z.string({ error: 'must be an ISO 8601 date' }).transform((value, { issues }) => {
  const milliseconds = parseInstant(value);
  if (Number.isNaN(milliseconds)) {
    issues.push(broken('INVALID_DATE', 'must be an ISO 8601 date that exists', value));
  }
  return new Date(milliseconds);
});

// Counted before they are looked at, so that a long list of bad tags does not make a longer list of errors.
const tags = z
  .array(z.unknown(), { error: 'must be an array of strings' })
  .max(tagLimits.count, { error: `must have at most ${tagLimits.count} entries` })
  .pipe(z.array(text(tagLimits.length)));

const idempotencyKey = z.string({ error: 'must be a string' }).check(({ value, issues }) => {
  if (value.length <= IDEMPOTENCY_KEY_LIMIT && /^[ -~]+$/.test(value)) return;
  const code = value.length > IDEMPOTENCY_KEY_LIMIT ? 'TOO_LONG' : 'INVALID_TEXT';
  issues.push(broken(code, `must have 1 to ${IDEMPOTENCY_KEY_LIMIT} printable ASCII characters`, value));
});

const isMissing = (value: unknown): boolean =>
  typeof value === 'string' ? value.trim() === '' : value === undefined || value === null;

const required = <Rule extends z.ZodType>(rule: Rule) =>
  z
    .unknown()
    .refine((value) => !isMissing(value), { error: 'is required', params: { code: 'REQUIRED' } })
    .pipe(rule);

// A field that is null is one that is left out.
const rules = z.object({
  customerId: required(integer(1)),
  channel: required(text(textLimits.channel)),
  name: text(textLimits.name).nullish(),
  threadId: text(textLimits.threadId).nullish(),
  emailUsed: text(textLimits.emailUsed).nullish(),
  date: instant.nullish(),
  lastMessage: text(textLimits.lastMessage).nullish(),
  lastMessageTime: instant.nullish(),
  contactReason: text(textLimits.contactReason).nullish(),
  assignedTo: integer(1).nullish(),
  isOpenedTicket: z.boolean({ error: 'must be a boolean' }).nullish(),
  unreadChatCount: integer(0).nullish(),
  tags: tags.nullish(),
  languageCode: text(textLimits.languageCode).nullish(),
  via: text(textLimits.via).nullish(),
  idempotencyKey: idempotencyKey.nullish(),
});

/** The fields of a ticket to be created, and the key of the request. Not checked yet: whatever a door was sent may stand here. */
export type CreateTicketInput = { readonly [Field in keyof z.input<typeof rules>]?: unknown };

// What is left out gets its default.
const draftOf = (content: z.output<typeof rules>) => ({
  customerId: content.customerId,
  channel: content.channel,
  name: content.name ?? null,
  threadId: content.threadId ?? null,
  emailUsed: content.emailUsed ?? null,
  date: content.date ?? null,
  lastMessage: content.lastMessage ?? null,
  lastMessageTime: content.lastMessageTime ?? null,
  contactReason: content.contactReason ?? null,
  assignedTo: content.assignedTo ?? null,
  isOpenedTicket: content.isOpenedTicket ?? false,
  unreadChatCount: content.unreadChatCount ?? 0,
  tags: content.tags ?? [],
  languageCode: content.languageCode ?? null,
  via: content.via ?? null,
  idempotencyKey: content.idempotencyKey ?? null,
});

/** A ticket's checked content, and the key of its request. A date that is null becomes the time of creation. */
export type TicketDraft = ReturnType<typeof draftOf>;

function codeOf(issue: z.core.$ZodIssue): FieldErrorCode {
  if (issue.code === 'custom') return issue.params?.code;
  return issue.code === 'too_big' ? 'TOO_LONG' : 'INVALID_TYPE';
}

const fieldErrorOf = (issue: z.core.$ZodIssue): FieldError => ({
  path: issue.path.map(String),
  code: codeOf(issue),
  rule: issue.message,
});

/** Checks the content of a ticket. Throws an InvalidInputError that lists every bad field. */
export function checkInput(input: CreateTicketInput): TicketDraft {
  const result = rules.safeParse(input);
  if (!result.success) throw new InvalidInputError(result.error.issues.map(fieldErrorOf));
  return draftOf(result.data);
}
