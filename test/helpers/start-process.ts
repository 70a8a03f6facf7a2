import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { shortLived } from './short-lived.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The environment variables that a process is given; it inherits none. */
export type Environment = Readonly<Record<string, string>>;

/** How a process ended, and all that it wrote. */
export interface FinishedProcess {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the command line that may still run. */
export interface StartedProcess {
  readonly id: number;
  readonly finished: Promise<FinishedProcess>;
  /** Waits until what it has written to standard output matches; fails when it ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<FinishedProcess>;
}

/** The command line as `npm start` runs it. */
export const sourceProgram = ['--import', 'tsx', 'src/main.ts'];

/** The command line as `npm run build` makes it, which starts in half the time and takes half of the work. */
export const builtProgram = ['dist/main.js'];

/** Starts the real command line with these words; the build of it must be there. */
export function startProcess(
  words: readonly string[],
  environment: Environment,
  program: readonly string[] = builtProgram,
): StartedProcess {
  const child = spawn(process.execPath, [...shortLived, ...program, ...words], {
    cwd: root,
    // Warnings of Node.js about tsx differ from version to version and are not the command line's words.
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error('The process could not be started');
  let [stdout, stderr, running] = ['', '', true];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<FinishedProcess>((resolve) => {
    child.once('close', (exitCode) => {
      running = false;
      resolve({ exitCode, stdout, stderr });
    });
  });
  return {
    id: child.pid,
    finished,
    async waitFor(pattern) {
      for (;;) {
        const match = pattern.exec(stdout);
        if (match) return match;
        if (!running) throw new Error(`The process ended without writing ${pattern}:\n${stdout}${stderr}`);
        await Promise.race([once(child.stdout, 'data'), finished]);
      }
    },
    end(signal) {
      child.kill(signal);
      return finished;
    },
  };
}
