import { readFile } from 'node:fs/promises';
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../src/schema/index.ts';

test('schema.graphql is the schema as it is; `npm run schema` rewrites it', async () => {
  expect(await readFile('schema.graphql', 'utf8')).toBe(`${printSchema(schema)}\n`);
});

test('every type, field, argument and value has a description', () => {
  const bare: string[] = [];
  const note = (name: string, { description }: { description?: string | null | undefined }) => {
    if (!description) bare.push(name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    note(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) note(`${type.name}.${value.name}`, value);
    if (isInputObjectType(type) || isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        note(`${type.name}.${field.name}`, field);
        if ('args' in field)
          for (const arg of field.args) note(`${type.name}.${field.name}(${arg.name})`, arg);
      }
    }
  }
  expect(bare).toEqual([]);
});
