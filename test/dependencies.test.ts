import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

type Versions = Readonly<Record<string, string>>;

async function readJson<Value>(path: string): Promise<Value> {
  return JSON.parse(await readFile(path, 'utf8'));
}

async function importedPackages(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sources = await Promise.all(
    entries
      .filter((entry) => entry.name.endsWith('.ts'))
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
  );
  const names = sources
    .flatMap((source) => [...source.matchAll(/(?:from |^import |import\()['"]([^'"]+)['"]/gm)])
    .map(([, name = '']) => name)
    .filter((name) => !/^(\.|node:)/.test(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].sort();
}

test('what is installed in production is what src imports, no more and no less', async () => {
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(await importedPackages('src')).toEqual(Object.keys(dependencies).sort());
});

describe.each(['.', 'test/bench'])('the package in %s', async (folder) => {
  const manifest = await readJson<Readonly<Record<string, Versions>>>(`${folder}/package.json`);
  const lock = await readJson<{ packages: Readonly<Record<string, { version: string }>> }>(
    `${folder}/package-lock.json`,
  );

  test('names one exact version of everything that it depends on', () => {
    const { dependencies, devDependencies, overrides } = manifest;
    const versions = Object.entries({ ...dependencies, ...devDependencies, ...overrides });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))).toEqual([]);
  });

  // Two of them refuse each other's schemas.
  test('installs one copy of graphql', () => {
    const copies = Object.entries(lock.packages).filter(([path]) =>
      /(^|\/)node_modules\/graphql$/.test(path),
    );
    expect(copies.map(([path, { version }]) => [path, version])).toEqual([
      ['node_modules/graphql', manifest.dependencies?.graphql],
    ]);
  });
});
