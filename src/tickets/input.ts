import { z } from 'zod';
import { type FieldError, type FieldErrorCode, InvalidInputError } from '../errors.ts';
import { instant, integer, printableText, required, text, texts } from './value-rules.ts';

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

const rules = z.object({
  customerId: required(integer(1)),
  channel: required(text(textLimits.channel)),
  name: text(textLimits.name).optional(),
  threadId: text(textLimits.threadId).optional(),
  emailUsed: text(textLimits.emailUsed).optional(),
  date: instant.optional(),
  lastMessage: text(textLimits.lastMessage).optional(),
  lastMessageTime: instant.optional(),
  contactReason: text(textLimits.contactReason).optional(),
  assignedTo: integer(1).optional(),
  isOpenedTicket: z.boolean({ error: 'must be a boolean' }).optional(),
  unreadChatCount: integer(0).optional(),
  tags: texts(tagLimits).optional(),
  languageCode: text(textLimits.languageCode).optional(),
  via: text(textLimits.via).optional(),
  idempotencyKey: printableText(IDEMPOTENCY_KEY_LIMIT).optional(),
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

/**
 * A ticket's checked content, and the key of its request. Dates are milliseconds since 1970; one that is null becomes
 * the time of creation.
 */
export type TicketDraft = ReturnType<typeof draftOf>;

/** How many characters a ticket's message and tags have; its other texts are short. */
export const charactersOf = ({ lastMessage, tags }: TicketDraft): number =>
  tags.reduce((sum, tag) => sum + tag.length, lastMessage?.length ?? 0);

function codeOf(issue: z.core.$ZodIssue): FieldErrorCode {
  if (issue.code === 'custom') return issue.params?.code;
  return issue.code === 'too_big' ? 'TOO_LONG' : 'INVALID_TYPE';
}

const fieldErrorOf = (issue: z.core.$ZodIssue): FieldError => ({
  path: issue.path.map(String),
  code: codeOf(issue),
  rule: issue.message,
});

// A field that is null is one that is left out.
function withoutNulls(input: CreateTicketInput): CreateTicketInput {
  if (!Object.values(input).includes(null)) return input;
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) if (value !== null) given[name] = value;
  return given;
}

/** Checks the content of a ticket. Throws an InvalidInputError that lists every bad field. */
export function checkInput(input: CreateTicketInput): TicketDraft {
  const result = rules.safeParse(withoutNulls(input));
  if (!result.success) throw new InvalidInputError(result.error.issues.map(fieldErrorOf));
  return draftOf(result.data);
}

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The rules in JSON Schema, as far as it can tell them: each field's, and the fields that are required. */
export function describeRules(): {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
} {
  const { properties = {}, required = [] } = z.toJSONSchema(rules, { unrepresentable: 'any' });
  return { properties: properties as Record<string, JsonSchema>, required };
}
