import { DATABASE_PASSWORD, MESSAGE } from '../helpers/planted-secrets.ts';
import { shop } from './engines.ts';

const secrets = [MESSAGE, DATABASE_PASSWORD, shop.key];

/** Searches the logs of gateways for the secrets that were planted: in messages, in keys, in DATABASE_URL. */
export class LogSearch {
  /** How many lines were searched. */
  lines = 0;
  /** Those that hold a secret. */
  readonly leaks: string[] = [];

  /** Searches what a process has written. */
  read(log: string): void {
    const lines = log.split('\n').filter((line) => line !== '');
    this.lines += lines.length;
    this.leaks.push(...lines.filter((line) => secrets.some((secret) => line.includes(secret))));
  }
}

/** The search of all logs of this run. */
export const logSearch = new LogSearch();
