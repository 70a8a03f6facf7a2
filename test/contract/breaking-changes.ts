import { CriticalityLevel, diff } from '@graphql-inspector/core';
import type { GraphQLSchema } from 'graphql';

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

/** What clients send may become more, what they are answered may become less; never the other way around. */
type Direction = 'sent' | 'answered';

// Words for people: programs do not depend on them.
const words = ['description', 'summary', 'title', 'example', 'examples', 'version', 'license', 'tags'];

// What narrows a schema when it is added.
const constraints = [
  ...['type', 'enum', 'const', 'format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'],
  ...['minItems', 'maxItems', 'additionalProperties', 'allOf', 'anyOf', 'oneOf', 'not', 'items'],
];

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Writes out what is referred to. */
function resolved(node: Json, document: JsonObject): Json {
  if (Array.isArray(node)) return node.map((entry) => resolved(entry, document));
  if (!isObject(node)) return node;
  if (typeof node.$ref !== 'string') {
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolved(value, document)]));
  }
  const steps = node.$ref.replace('#/', '').split('/');
  const target = steps.reduce<Json>((at, step) => (isObject(at) ? at[step] : undefined), document);
  return resolved(target, document);
}

const COMBINED_SCHEMAS = /\/(allOf|anyOf|oneOf)$/;

// Lists are sets in OpenAPI; a parameter is known by its name, a schema among others by its place.
function keyOf(entry: Json, index: number, place: string): string {
  if (isObject(entry) && typeof entry.name === 'string') return entry.name;
  return isObject(entry) && COMBINED_SCHEMAS.test(place) ? `${index}` : JSON.stringify(entry);
}

const asObject = (list: readonly Json[], place: string): JsonObject =>
  Object.fromEntries(list.map((entry, index) => [keyOf(entry, index, place), entry]));

function isNarrowerBy(key: string, value: Json, place: string, direction: Direction): boolean {
  if (direction === 'sent') {
    const isRequired = key === 'required' || (isObject(value) && value.required === true);
    return isRequired || place.endsWith('/required') || constraints.includes(key);
  }
  return place.endsWith('/type') || place.endsWith('/anyOf') || place.endsWith('/oneOf');
}

function* compare(before: Json, after: Json, place: string, direction: Direction): Generator<string> {
  if (Array.isArray(before) && Array.isArray(after)) {
    yield* compare(asObject(before, place), asObject(after, place), place, direction);
  } else if (isObject(before) && isObject(after)) {
    for (const [key, value] of Object.entries(before)) {
      const next = key === 'responses' ? 'answered' : direction;
      // Below `properties`, these are names of fields.
      if (words.includes(key) && !place.endsWith('/properties')) continue;
      if (key in after) yield* compare(value, after[key], `${place}/${key}`, next);
      else yield `removed ${place}/${key}`;
    }
    for (const [key, value] of Object.entries(after)) {
      const isNew = !(key in before) && !place.endsWith('/properties');
      if (isNew && isNarrowerBy(key, value, place, direction)) yield `added ${place}/${key}`;
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    yield `changed ${place}`;
  }
}

/** The changes of an OpenAPI document that could break a client of the one before, each by its place. */
export function breakingChangesOfOpenApi(before: JsonObject, after: JsonObject): string[] {
  const promises = ({ paths, components, ...rest }: JsonObject): JsonObject => ({
    ...rest,
    paths,
    credentials: isObject(components) ? components.securitySchemes : undefined,
  });
  const [older, newer] = [before, after].map((document) => resolved(promises(document), document));
  return [...compare(older, newer, '', 'sent')];
}

/** The changes of a GraphQL schema that could break a client of the one before, in words. */
export async function breakingChangesOfGraphQL(
  before: GraphQLSchema,
  after: GraphQLSchema,
): Promise<string[]> {
  const changes = await diff(before, after);
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ message }) => message);
}
