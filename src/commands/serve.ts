import { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { GRAPHQL_PATH, TICKETS_PATH } from '../http/door-paths.ts';
import { createLogger, type Logger } from '../log.ts';
import { type BootedGateway, boot } from './boot.ts';
import { type JsonOption, jsonOption, print } from './output.ts';
import { stopSignal } from './stop-signal.ts';
import { welcome } from './welcome.ts';

// So long the rest of the log may take to be written: so much at least, and so much of the time that there is for all.
const FLUSH_MS = 200;
const FLUSH_SHARE = 0.05;

function present(gateway: BootedGateway, config: Config, options: JsonOption, log: Logger): void {
  const { server, engine, demo, metricsUrl, anyDocument } = gateway;
  const urls = { graphql: `${server.url}${GRAPHQL_PATH}`, rest: `${server.url}${TICKETS_PATH}` };
  const docs = config.docs ? `${server.url}/docs` : undefined;
  if (options.json || config.logFormat === 'pretty') {
    print(options, { ...urls, demo: demo ?? null }, () =>
      welcome({ urls, docs, engine, graphiql: config.graphiql, anyDocument, demo }),
    );
  }
  log.info({ ...urls, metrics: metricsUrl, database: engine }, 'listening');
  if (demo && config.nodeEnvironment === 'production') {
    log.warn('the demo shop is open to everybody: its key is public; is DATABASE_URL missing?');
  }
}

async function serve(options: JsonOption): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    destination: options.json ? 2 : 1,
  });
  const exit = () => log.flush(() => process.exit(0));
  let isDraining = false;
  const stopped = stopSignal().then((signal) => {
    isDraining = true;
    // A database that does not answer cannot be taken leave of, either;
    setTimeout(exit, config.drainTimeout - Math.max(FLUSH_MS, config.drainTimeout * FLUSH_SHARE));
    // and an exit would wait for whoever has stopped reading the log.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), config.drainTimeout);
    return signal;
  });
  const gateway = await Promise.race([boot(config, log, () => isDraining), stopped]);
  // Nobody waits for an answer yet, and the next boot goes on wherever this one was.
  if (typeof gateway === 'string') return exit();
  present(gateway, config, options, log);

  log.info({ signal: await stopped }, 'stopping: requests under way are answered first');
  await gateway.server.drain(config.drainTimeout);
  await gateway.close();
  log.info('stopped');
  exit();
}

/** `serve`: runs the gateway until SIGTERM. */
export const serveCommand = new Command('serve')
  .description('run the gateway until SIGTERM (the default)')
  .option(...jsonOption)
  // The default command is handed every word that is no command.
  .allowExcessArguments()
  .action((options: JsonOption, { args: [word] }: Command) =>
    word === undefined ? serve(options) : serveCommand.error(`error: unknown command '${word}'`),
  );
