import { defineConfig } from 'prisma/config';

// `prisma generate` never runs the schema engine, yet the CLI insists on downloading it first.
// Naming any executable as the engine keeps an installation free of downloads other than npm packages.
if (process.argv.includes('generate')) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // Only `prisma migrate` connects; the gateway takes DATABASE_URL through src/config.ts.
  ...(process.env.DATABASE_URL ? { datasource: { url: process.env.DATABASE_URL } } : {}),
});
