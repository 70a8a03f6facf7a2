import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Answer } from '../http/answer.ts';
import { ORIGIN } from './curl.ts';

// The build has it beside this file, so that production does without the package and all that it pulls in.
function findRenderer(): string {
  const built = fileURLToPath(new URL('./redoc.standalone.js', import.meta.url));
  return existsSync(built)
    ? built
    : createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
}

// The renderer's one address of another host: its maker's logo, which it does without.
const LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

// Runs in the browser, which alone knows by what name the gateway is reached.
const start = `
const text = document.getElementById('contract').textContent.replaceAll('${ORIGIN}', location.origin);
const { contract, options } = JSON.parse(text);
Redoc.init(contract, options, document.getElementById('reference'));
`;

/** The script of the page: the renderer, and its start. */
export async function readRenderer(): Promise<Answer> {
  const renderer = await readFile(findRenderer(), 'utf8');
  return {
    status: 200,
    headers: { 'content-type': 'text/javascript; charset=utf-8' },
    body: Buffer.from(renderer.replace(LOGO, 'data:,') + start),
  };
}
