import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import { PrismaPg } from '@prisma/adapter-pg';
import { DateTimeResolver } from 'graphql-scalars';
import type PrismaTypes from '../../../src/db/generated/pothos.ts';
import { getDatamodel } from '../../../src/db/generated/pothos.ts';
import { PrismaClient } from '../../../src/db/generated/prisma/client.ts';
import type { KeyShop } from './key-cache.ts';

/** The database as Prisma shows it. */
export const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 10 }),
});

/** The types that the schema's files share. */
export const builder = new SchemaBuilder<{
  PrismaTypes: PrismaTypes;
  Context: { readonly shop: KeyShop };
  DefaultFieldNullability: false;
  Scalars: { DateTime: { Input: Date; Output: Date } };
}>({
  plugins: [ErrorsPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  prisma: { client: prisma, dmmf: getDatamodel() },
});

builder.addScalarType('DateTime', DateTimeResolver);
