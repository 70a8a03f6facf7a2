import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

// Files of this worker's own, since several write at once.
const { logs, secrets } = inject('audit');
const name = randomUUID();

/** Keeps what a gateway under test wrote to its log, for the search at the end of the run. */
export function recordLog(text: string): void {
  appendFileSync(join(logs, name), text);
}

/** Adds a text of one line to those that no log of the run may hold. */
export function plantSecret(secret: string): void {
  appendFileSync(join(secrets, name), `${secret}\n`);
}
