import { OperatorError } from '../../src/operator-error.ts';
import { Workbench } from '../faults/workbench.ts';
import { compare } from './comparison.ts';
import { measureEmbedded } from './embedded.ts';
import { readOptions } from './options.ts';
import { soak } from './soak.ts';

const options = readOptions();
const bench = new Workbench();
// What goes on is for the person who waits; the figures alone are the output.
const say = (line: string) => process.stderr.write(`${line}\n`);

async function giveUp(): Promise<never> {
  await bench.clear();
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp());

try {
  const { embedded, soak: minutes } = options;
  const lines = embedded
    ? await measureEmbedded(bench, options, say)
    : minutes === undefined
      ? await compare(bench, options, say)
      : await soak(bench, options, minutes, say);
  process.stdout.write(`${lines.join('\n')}\n`);
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await bench.clear();
}
