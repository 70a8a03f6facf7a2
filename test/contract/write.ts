import { copyFile, writeFile } from 'node:fs/promises';
import { generateTypes, TYPES_PATH } from '../clients/generate-rest-v1.ts';
import { OPENAPI_PATH, printOpenApi } from './open-api.ts';

// `npm run contract`: writes the OpenAPI document and a client's types as they are now. With `-- --release`, both contracts
// become those that later changes are compared with, and nothing is declared any more.
await writeFile(OPENAPI_PATH, await printOpenApi());
await writeFile(TYPES_PATH, await generateTypes());
if (process.argv.includes('--release')) {
  await copyFile(OPENAPI_PATH, 'test/contract/released/openapi.json');
  await copyFile('schema.graphql', 'test/contract/released/schema.graphql');
  await writeFile('test/contract/declared-changes.json', '[]\n');
}
