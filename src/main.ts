#!/usr/bin/env node
import { Command } from 'commander';
import { keysCommand } from './commands/keys.ts';
import { migrateCommand } from './commands/migrate.ts';
import { seedCommand } from './commands/seed.ts';
import { serveCommand } from './commands/serve.ts';
import { shopsCommand } from './commands/shops.ts';
import { OperatorError, reasonOf } from './operator-error.ts';

const program = new Command('ticket-gateway')
  .description(
    "A helpdesk's ticket gateway: GraphQL and REST v1. Settings are environment variables; see README.md.",
  )
  .addCommand(serveCommand, { isDefault: true })
  .addCommand(migrateCommand)
  .addCommand(seedCommand)
  .addCommand(shopsCommand)
  .addCommand(keysCommand);

// Whoever reads the output may stop reading, as `head` does.
process.stdout.on('error', () => process.exit());

try {
  await program.parseAsync();
} catch (error) {
  const whole = error instanceof Error && !(error instanceof OperatorError) ? error.stack : undefined;
  process.stderr.write(`${whole ?? reasonOf(error)}\n`);
  process.exitCode = 1;
}
