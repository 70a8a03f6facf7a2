import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs once before all tests: builds the program that they start, so that it is the one of these sources. */
export default async function setup(): Promise<void> {
  await promisify(execFile)('npm', ['run', '-s', 'build']);
}
