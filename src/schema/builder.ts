import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import type { RequestContext } from '../context.ts';
import type PrismaTypes from '../db/generated/pothos.ts';
import { getDatamodel } from '../db/generated/pothos.ts';

/** The types that the schema's files share. Defines no GraphQL type itself. */
export const builder = new SchemaBuilder<{
  PrismaTypes: PrismaTypes;
  Context: RequestContext;
  DefaultFieldNullability: false;
  Scalars: {
    BigInt: { Input: bigint; Output: bigint };
    DateTime: { Input: string; Output: Date };
  };
}>({
  plugins: [ErrorsPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  prisma: {
    client: (context) => context.database.prisma,
    dmmf: getDatamodel(),
    onUnusedQuery: 'error',
  },
});

builder.queryType({
  description: "What a credential can read. Everything is seen from inside the credential's shop.",
});
builder.mutationType({
  description: 'What a credential can change. The fields of one document are run one after another.',
});
