import { writeFile } from 'node:fs/promises';
import { printSchema } from 'graphql';
import { schema } from '../../src/schema/index.ts';

// `npm run schema`: writes the schema as it is now to schema.graphql.
await writeFile('schema.graphql', `${printSchema(schema)}\n`);
