import { openAsBlob } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { inject } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { embeddedDatabase } from '../../src/db/embedded.ts';
import { openTestDatabase } from './database.ts';
import { urlOfDatabase } from './template.ts';

// The types of Node 20 leave WebAssembly out.
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

// The package's own entry imports the .wasm file as a module, which Node 20 cannot.
const wasm = new URL(
  'schema_engine_bg.wasm',
  import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
);
const { instance } = await WebAssembly.instantiate(await readFile(wasm), {
  './schema_engine_bg.js': bindings,
});
bindings.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

const migrations = new URL('../../prisma/migrations/', import.meta.url);
const filters = { externalTables: [], externalEnums: [] };

/** Where the engine reads the database: it is given a connection, and no way to a shadow database. */
interface Connection {
  readonly database: Database;
  connect(): Promise<SqlDriverAdapter>;
  close(): Promise<void>;
}

async function connectToPGlite(archive: string): Promise<Connection> {
  const pglite = await PGlite.create({ loadDataDir: await openAsBlob(archive) });
  const database = embeddedDatabase(pglite);
  return { database, connect: () => new PrismaPGlite(pglite).connect(), close: () => database.close() };
}

// PrismaPg refuses columns of the type "char", of which PostgreSQL's catalogues are full. They are shown to
// it as the type UUID, of which the catalogues have none, and named to the engine as what they are.
async function connectToCatalogues(pool: pg.Pool): Promise<SqlDriverAdapter> {
  const { CHAR, UUID } = pg.types.builtins;
  const query = pool.query.bind(pool);
  Object.assign(pool, {
    query: async (config: pg.QueryArrayConfig) => {
      const result = await query(config);
      const fields = result.fields.map((field) =>
        field.dataTypeID === CHAR ? { ...field, dataTypeID: UUID } : field,
      );
      return { ...result, fields };
    },
  });
  const adapter = await new PrismaPg(pool).connect();
  const queryRaw = adapter.queryRaw.bind(adapter);
  return Object.assign(adapter, {
    queryRaw: async (config: SqlQuery) => {
      const result = await queryRaw(config);
      const columnTypes = result.columnTypes.map((type) =>
        type === ColumnTypeEnum.Uuid ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes };
    },
  });
}

async function connectToPostgres(serverUrl: string): Promise<Connection> {
  const database = await openTestDatabase();
  const statement = { name: 'name_database', text: 'SELECT current_database() AS "name"' };
  const [current] = await database.sql.query<{ name: string }>(statement, []);
  if (!current) throw new Error('PostgreSQL did not name the database');
  const pool = new pg.Pool({ connectionString: urlOfDatabase(serverUrl, current.name), max: 1 });
  return {
    database,
    connect: () => connectToCatalogues(pool),
    async close() {
      await pool.end();
      await database.close();
    },
  };
}

async function readMigrations(): Promise<bindings.MigrationList> {
  const entries = await readdir(migrations, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir: fileURLToPath(migrations),
    lockfile: {
      path: 'migration_lock.toml',
      content: await readFile(new URL('migration_lock.toml', migrations), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (path) => {
        const value = await readFile(new URL(`${path}/migration.sql`, migrations), 'utf8');
        return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } };
      }),
    ),
  };
}

/** A migrated database of the test's own, with Prisma's schema engine connected to it. */
export interface InspectedDatabase {
  readonly database: Database;
  /** The SQL that Prisma would write to get from the database to the datamodel and back; none when equal. */
  differences(datamodel: string): Promise<string[]>;
  /** What Prisma makes of the recorded migrations, beside those in the repository. */
  diagnose(): Promise<bindings.DiagnoseMigrationHistoryOutput>;
  /** Lets Prisma record a migration without running it. */
  markApplied(migrationName: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a migrated database with what `prisma migrate` does its work with. */
export async function openInspectedDatabase(): Promise<InspectedDatabase> {
  const template = inject('template');
  const { database, connect, close } = await (template.engine === 'PGlite'
    ? connectToPGlite(template.archive)
    : connectToPostgres(template.serverUrl));
  const factory = bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: 'test',
    connect,
    connectToShadowDb: () => Promise.reject(new Error('There is no shadow database')),
  });
  const engine = await bindings.SchemaEngine.new({ datamodels: undefined }, () => {}, factory);

  return {
    database,
    async differences(content) {
      const files = [{ path: 'schema.prisma', content }];
      const live = { tag: 'schemaDatasource', files, configDir: '.' } as const;
      const described = { tag: 'schemaDatamodel', files } as const;
      const scripts: string[] = [];
      for (const direction of [
        { from: live, to: described },
        { from: described, to: live },
      ]) {
        const result = await engine.diff({ ...direction, script: true, exitCode: true, filters });
        if (result.exitCode !== 0) scripts.push(result.stdout ?? '');
      }
      return scripts;
    },
    diagnose: async () =>
      engine.diagnoseMigrationHistory({
        migrationsList: await readMigrations(),
        optInToShadowDatabase: false,
        filters,
      }),
    async markApplied(migrationName) {
      await engine.markMigrationApplied({ migrationName, migrationsList: await readMigrations() });
    },
    async close() {
      engine.free();
      await close();
    },
  };
}
