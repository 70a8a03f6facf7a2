import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLBigInt, GraphQLDateTime } from 'graphql-scalars';
import { INSTANT_SPELLINGS } from '../tickets/instant.ts';
import { builder } from './builder.ts';

const SMALLEST = -(2n ** 63n);
const LARGEST = 2n ** 63n - 1n;

function parseBigInt(value: unknown, nodes?: ValueNode): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    // A JSON number beyond 2^53 was rounded before it came here, so that it may name another integer.
    throw new GraphQLError(`BigInt cannot represent ${value} exactly: send the digits as a string`, {
      nodes,
    });
  }
  const digits = typeof value === 'number' ? value.toString() : value;
  if (typeof digits !== 'string' || !/^-?\d{1,19}$/.test(digits)) {
    throw new GraphQLError('BigInt must be an integer or a string of at most 19 decimal digits', { nodes });
  }
  const integer = BigInt(digits);
  if (integer < SMALLEST || integer > LARGEST)
    throw new GraphQLError('BigInt must fit into 64 bits', { nodes });
  return integer;
}

// graphql-scalars' own coercions answer small integers as numbers and large ones as strings.
builder.addScalarType(
  'BigInt',
  new GraphQLScalarType<bigint, string>({
    ...GraphQLBigInt.toConfig(),
    description:
      'A 64-bit integer. In answers always a string of decimal digits, so that no client rounds it. ' +
      'As input a string of decimal digits or an integer; a JSON number beyond 2^53 is refused, because it was rounded ' +
      'on its way.',
    serialize: (value) => parseBigInt(typeof value === 'bigint' ? value.toString() : value).toString(),
    parseValue: (value) => parseBigInt(value),
    parseLiteral: (node) =>
      parseBigInt(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined, node),
    extensions: { codegenScalarType: 'string', jsonSchema: { type: 'string', pattern: '^-?[0-9]+$' } },
  }),
);

function requireText(value: unknown, nodes?: ValueNode): string {
  if (typeof value !== 'string') throw new GraphQLError('DateTime must be a string', { nodes });
  return value;
}

// An input stays the text that it is: whether it names an instant is a rule of the operation, which reports
// it beside the other bad fields, the same for both doors.
builder.addScalarType(
  'DateTime',
  new GraphQLScalarType<string, Date | string | number>({
    ...GraphQLDateTime.toConfig(),
    description:
      'An instant as ISO 8601 text with milliseconds, in answers always in UTC: 2026-11-22T16:00:00.000Z. ' +
      `As input it ${INSTANT_SPELLINGS} A date that does not exist is an InvalidInputError.`,
    // The text that JSON.stringify would make of the date, at half of the cost.
    serialize: (value) => GraphQLDateTime.serialize(value).toISOString(),
    parseValue: (value) => requireText(value),
    parseLiteral: (node) => requireText(node.kind === Kind.STRING ? node.value : undefined, node),
  }),
);
