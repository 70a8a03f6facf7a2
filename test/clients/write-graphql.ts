import { writeFile } from 'node:fs/promises';
import { generateClient, generatedFolder } from './generate-graphql.ts';

// `npm run schema`: writes the typed client of the schema as it is now.
for (const [name, text] of await generateClient()) await writeFile(`${generatedFolder}${name}`, text);
