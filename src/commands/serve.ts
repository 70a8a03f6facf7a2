import { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import type { Database } from '../db/database.ts';
import type { GatewayOptions } from '../gateway-options.ts';
import { createLogger, type Logger } from '../log.ts';
import { listen } from '../server.ts';
import { type DemoShop, findDemoShop, seedDemoShop } from '../shops/demo-shop.ts';
import { openTelemetry } from '../telemetry/telemetry.ts';
import { openSharedMeter, openTokens, openTrustedDocuments } from './optional-parts.ts';
import { type JsonOption, jsonOption, print } from './output.ts';
import { stopSignal } from './stop-signal.ts';
import { welcome } from './welcome.ts';
import { openMigratedDatabase } from './with-database.ts';

// Only the embedded database is for trying things out; nobody's PostgreSQL is given a key that everybody knows.
async function prepareDemo({ engine, prisma }: Database): Promise<DemoShop | undefined> {
  if (engine === 'PostgreSQL') return undefined;
  return (await prisma.shop.count()) === 0 ? seedDemoShop(prisma) : findDemoShop(prisma);
}

async function start(database: Database, config: Config & GatewayOptions, log: Logger) {
  const demo = await prepareDemo(database);
  // Loaded only here: the other commands start in half the time without GraphQL.
  const { createGateway } = await import('../gateway.ts');
  const gateway = createGateway(database, log, { ...config, demo });
  const patience = { answer: config.requestDeadline };
  return { demo, server: await listen(gateway, config.port, config.host, patience) };
}

// So long the rest of the log may take to be written.
const FLUSH_MS = 200;

async function serve(options: JsonOption): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    destination: options.json ? 2 : 1,
  });
  const trustedDocuments = await openTrustedDocuments(config);
  const verifyToken = await openTokens(config, log);
  const { metricsUrl, close: closeTelemetry, ...telemetry } = await openTelemetry(config, log);
  const database = await openMigratedDatabase(config, telemetry.tracing);
  const meter = await openSharedMeter(config, log);
  const close = () => {
    meter?.close();
    return database.close();
  };
  let isDraining = false;
  const parts = { ...telemetry, meter, trustedDocuments, verifyToken };
  const settings = { ...config, ...parts, isDraining: () => isDraining };
  const { server, demo } = await start(database, settings, log).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const stopped = stopSignal();
  const urls = { graphql: `${server.url}/graphql`, rest: `${server.url}/api/v1/tickets` };
  const docs = config.docs ? `${server.url}/docs` : undefined;
  if (options.json || config.logFormat === 'pretty') {
    print(options, { ...urls, demo: demo ?? null }, () =>
      welcome({
        urls,
        docs,
        engine: database.engine,
        graphiql: config.graphiql,
        anyDocument: trustedDocuments === undefined,
        demo,
      }),
    );
  }
  log.info({ ...urls, metrics: metricsUrl, database: database.engine }, 'listening');
  if (demo && config.nodeEnvironment === 'production') {
    log.warn('the demo shop is open to everybody: its key is public; is DATABASE_URL missing?');
  }

  const signal = await stopped;
  isDraining = true;
  log.info({ signal }, 'stopping: requests under way are answered first');
  const exit = () => log.flush(() => process.exit(0));
  // A database that does not answer cannot be taken leave of, either;
  setTimeout(exit, config.drainTimeout - FLUSH_MS);
  // and an exit would wait for whoever has stopped reading the log.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), config.drainTimeout);
  await server.drain(config.drainTimeout);
  await close();
  await closeTelemetry();
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
