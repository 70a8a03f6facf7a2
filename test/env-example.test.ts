import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { variables } from '../src/config-variables.ts';

const source = await readFile('src/config-variables.ts', 'utf8');
const comments = new Map(
  [...source.matchAll(/^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}([A-Z_]+): /gm)].map(
    ([, text = '', name]) => [name, text.replace(/\s+(\* )?/g, ' ').trim()],
  ),
);

const sections = Object.entries(variables.shape).map(([name, schema]) => {
  const comment = comments.get(name);
  if (comment === undefined) throw new Error(`${name} has no comment in src/config-variables.ts`);
  return `# ${comment}\n${name}=${schema.parse(undefined) ?? ''}\n`;
});

const head = [
  '# Every setting with its default; one without a value is as good as absent.',
  '# Made from src/config-variables.ts: npx vitest run test/env-example.test.ts -u',
  '',
  '',
].join('\n');

test('.env.example has every setting of src/config-variables.ts with its comment and its default', async () => {
  await expect(head + sections.join('\n')).toMatchFileSnapshot('../.env.example');
});
