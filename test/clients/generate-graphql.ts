import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { buildSchema, lexicographicSortSchema, parse, printSchema } from 'graphql';

/** How the preset is set, in the README's codegen.ts, too. */
export const presetConfig = { fragmentMasking: false, persistedDocuments: true };

/** How what it generates is set, there, too. */
export const config = {
  documentMode: 'string',
  useTypeImports: true,
  strictScalars: true,
  scalars: { BigInt: 'string', DateTime: 'string' },
};

/** Where the generated files are. */
export const generatedFolder = 'test/clients/generated/';

// The third that the preset makes is for documents that are written in TypeScript.
const wanted = ['graphql.ts', 'persisted-documents.json'];

/**
 * Makes the typed client of schema.graphql and operations.graphql: the files' texts by their names. graphql-codegen's
 * command line makes the same with the same preset, and brings some 200 packages more.
 */
export async function generateClient(): Promise<ReadonlyMap<string, string>> {
  const operations = await readFile('test/clients/operations.graphql', 'utf8');
  const schemaAst = lexicographicSortSchema(buildSchema(await readFile('schema.graphql', 'utf8')));
  const sections = await preset.buildGeneratesSection({
    baseOutputDir: generatedFolder,
    schema: parse(printSchema(schemaAst)),
    schemaAst,
    documents: [{ document: parse(operations), rawSDL: operations, location: 'operations.graphql' }],
    config,
    presetConfig,
    plugins: [],
    pluginMap: {},
  });
  const files = sections.filter(({ filename }) => wanted.includes(basename(filename)));
  // Together: the list of documents waits for those in the code.
  const texts = await Promise.all(files.map((file) => codegen(file)));
  return new Map(files.map(({ filename }, index) => [basename(filename), texts[index] ?? '']));
}
