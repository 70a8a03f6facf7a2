import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A text as `npm run format` leaves the file that it is for, so that checked-in files are compared to the letter. */
export async function formatted(path: string, text: string): Promise<string> {
  const formatting = promisify(execFile)('node_modules/.bin/biome', ['format', `--stdin-file-path=${path}`]);
  formatting.child.stdin?.end(text);
  return (await formatting).stdout;
}
