// Generates the Prisma client and the Pothos types into src/db/generated when npm installs this package.
// An installation for production may lack the Prisma CLI and needs none: dist/ holds the generated code.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

let prisma;
try {
  prisma = require.resolve('prisma/build/index.js');
} catch {
  process.stdout.write('Prisma CLI not installed: keeping the generated client as it is.\n');
}
if (prisma) {
  execFileSync(process.execPath, [prisma, 'generate', '--no-hints'], { stdio: 'inherit' });
}
