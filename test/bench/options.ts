import { Command, InvalidArgumentError } from 'commander';

/** What the benchmark was asked for. */
export interface BenchOptions {
  readonly connections: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly tickets: number;
  readonly setting: readonly string[];
  readonly only: RegExp;
  readonly embedded: boolean;
  /** Minutes. */
  readonly soak: number | undefined;
}

const wholeNumber = (least: number) => (text: string) => {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number of ${least} or more.`);
};

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch {
    throw new InvalidArgumentError('It must be a regular expression.');
  }
}

/** Reads the options; explains them and ends the process when asked to, or when one is wrong. */
export const readOptions = (): BenchOptions =>
  new Command('npm run bench --')
    .description('Measures the gateway side by side with other servers that create tickets.')
    .option('--connections <number>', 'how many requests are under way at once', wholeNumber(1), 64)
    .option('--rounds <number>', 'how many times each peer is measured; medians are shown', wholeNumber(1), 5)
    .option('--seconds <number>', 'how long a measurement takes', wholeNumber(1), 4)
    .option('--tickets <number>', 'how many tickets there are before', wholeNumber(0), 0)
    .option('--setting <line...>', "lines of PostgreSQL's configuration, such as shared_buffers=1GB", [])
    .option('--only <pattern>', 'measure only the peers whose names match', pattern, /./)
    .option('--embedded', 'measure the gateway on its embedded database instead', false)
    .option('--soak <minutes>', 'load one peer so long instead, and show its memory', wholeNumber(2))
    .parse()
    .opts<BenchOptions>();
