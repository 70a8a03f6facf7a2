import { Command } from 'commander';

/** A command that only groups others; without one of them, or with an unknown one, it fails in one line. */
export function group(name: string, description: string, commands: readonly Command[]): Command {
  const names = commands.map((command) => command.name()).join(', ');
  const parent = new Command(name).description(description).allowExcessArguments();
  for (const command of commands) parent.addCommand(command);
  return parent.action((_options: unknown, { args: [word] }: Command) => {
    const mistake = word === undefined ? 'missing command' : `unknown command '${word}'`;
    parent.error(`error: ${mistake}; ${name} has ${names}`);
  });
}
