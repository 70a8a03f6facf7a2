import type { DemoShop } from '../../src/shops/demo-shop.ts';
import { type CommandLine, prepareEmbeddedCommandLine } from '../helpers/process.ts';
import type { Environment } from '../helpers/start-process.ts';

/** A gateway in a process of its own, on an embedded database in a temporary folder. */
export interface BrowsedGateway {
  /** Where it listens, such as `http://127.0.0.1:40123`, without a path. */
  readonly origin: string;
  /** Its demo shop; null where it found other shops. */
  readonly demo: DemoShop | null;
}

/**
 * Starts `serve` with these settings. Its database is new, unless a command line is given. Both are prepared outside of
 * tests: what is prepared there is ended after the last test of the file, and nothing else.
 */
export async function startGatewayProcess(
  environment: Environment = {},
  commandLine?: CommandLine,
): Promise<BrowsedGateway> {
  const { start } = commandLine ?? (await prepareEmbeddedCommandLine());
  const [line] = await start(['serve', '--json'], environment).waitFor(/^\{.*\}$/m);
  const { graphql, demo } = JSON.parse(line);
  return { origin: new URL(graphql).origin, demo };
}
