import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import type { GatewayOptions } from '../gateway-options.ts';
import type { Logger } from '../log.ts';
import { listen, type RunningServer } from '../server.ts';
import { type DemoShop, findDemoShop, seedDemoShop } from '../shops/demo-shop.ts';
import { openTelemetry } from '../telemetry/telemetry.ts';
import { openSharedMeter, openTokens, openTrustedDocuments } from './optional-parts.ts';
import { openMigratedDatabase } from './with-database.ts';

/** A gateway that takes requests. */
export interface BootedGateway {
  readonly server: RunningServer;
  readonly engine: Database['engine'];
  /** The demo shop, whose key is public. */
  readonly demo: DemoShop | undefined;
  /** Where Prometheus finds the metrics. */
  readonly metricsUrl: string | undefined;
  /** Whether clients may write their own GraphQL documents. */
  readonly anyDocument: boolean;
  /** Closes the database, and what else is open, once the server is drained. */
  close(): Promise<void>;
}

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
  return { demo, server: await listen(gateway, config.port, config.host, patience, log) };
}

/** Opens all that the settings ask for, up to the port. Fails with an OperatorError, and then leaves nothing open. */
export async function boot(config: Config, log: Logger, isDraining: () => boolean): Promise<BootedGateway> {
  const ends: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const trustedDocuments = await openTrustedDocuments(config);
    const verifyToken = await openTokens(config, log);
    const { metricsUrl, close: closeTelemetry, ...telemetry } = await openTelemetry(config, log);
    ends.push(closeTelemetry);
    const database = await openMigratedDatabase(config, telemetry.tracing);
    ends.push(database.close);
    const meter = await openSharedMeter(config, log);
    ends.push(() => meter?.close());
    const parts = { ...telemetry, meter, trustedDocuments, verifyToken };
    const started = await start(database, { ...config, ...parts, isDraining }, log);
    const anyDocument = trustedDocuments === undefined;
    return { ...started, engine: database.engine, metricsUrl, anyDocument, close };
  } catch (error) {
    await close();
    throw error;
  }
}
