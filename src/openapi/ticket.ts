import { getDatamodel } from '../db/generated/pothos.ts';
import { type V1Field, v1Fields } from '../rest/fields.ts';
import { describeRules, type JsonSchema } from '../tickets/input.ts';
import { inputMeanings, ticketMeanings } from '../tickets/meanings.ts';

const { properties: rules, required } = describeRules();

type InputField = V1Field & Required<Pick<V1Field, 'input'>>;

const isInput = (field: V1Field): field is InputField => field.input !== undefined;

/** What may be sent for a field: its rule, what it means, and how v1 may spell it. */
export function describeInput({ input, spelling }: InputField): JsonSchema {
  const rule = rules[input];
  const description = [inputMeanings[input], rule?.description].join(' ').trim();
  const plain = { ...rule, description };
  return spelling ? spelling.describe(plain) : plain;
}

// Null is the same as absent.
function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema;
  return {
    ...schema,
    type: [type, 'null'].flat(),
    ...(Array.isArray(values) && { enum: [...values, null] }),
  };
}

/** The body of a request. */
export function describeBody(): JsonSchema {
  const fields = v1Fields.filter(isInput).flatMap(({ body, ...field }) => (body ? [{ body, ...field }] : []));
  const isRequired = ({ input }: InputField) => required.includes(input);
  return {
    type: 'object',
    description:
      'The content of a new ticket. The shop is that of the credential. Where null is allowed it is the same as ' +
      'absent, and fields that are not listed are ignored. No text may hold NUL or half of a surrogate pair.',
    required: fields.filter(isRequired).map(({ body }) => body),
    properties: Object.fromEntries(
      fields.map((field) => {
        const schema = describeInput(field);
        return [field.body, isRequired(field) ? schema : orNull(schema)];
      }),
    ),
  };
}

const columnTypes: Readonly<Record<string, JsonSchema>> = {
  Int: { type: 'integer' },
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  DateTime: { type: 'string', format: 'date-time' },
};

// What a column holds, as the tables' own models have it.
function describeColumn(name: InputField['input']): JsonSchema {
  const column = getDatamodel().datamodel.models.Ticket?.fields.find((field) => field.name === name);
  const one = columnTypes[column?.type ?? ''];
  if (column === undefined || one === undefined) throw new Error(`Nothing is known of the column ${name}`);
  const all = column.isList ? { type: 'array', items: one } : one;
  return column.isRequired ? all : orNull(all);
}

/** A ticket as it is shown. Every field is always there. */
export function describeTicket(): JsonSchema {
  const fields = v1Fields.flatMap(({ response, input, shown }): [string, JsonSchema][] => {
    if (response === undefined) return [];
    if (shown !== undefined) return [[response, shown]];
    if (input === undefined || input === 'idempotencyKey') throw new Error(`Nothing is known of ${response}`);
    return [[response, { ...describeColumn(input), description: ticketMeanings[input] }]];
  });
  return {
    type: 'object',
    description: 'A conversation of a customer.',
    required: fields.map(([name]) => name),
    properties: Object.fromEntries(fields),
  };
}
