import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './engines.ts';
import type { Experiment, Surroundings } from './experiment.ts';
import { GatewayProcess } from './gateway.ts';
import { type Finding, judge } from './judge.ts';
import { Load } from './load.ts';
import { findFreePort } from './workbench.ts';

// A start takes that long on a busy machine, and no more.
const RESUMES_WITHIN_MS = 30_000;

const someTime = (least: number, most: number) => sleep(least + Math.random() * (most - least));

async function killUnderLoad(
  { bench, say }: Surroundings,
  engine: Engine,
  kills: number,
  killsWhileStarting: number,
): Promise<Finding> {
  say(`${engine.name}: ${killsWhileStarting} kills while it starts, ${kills} under load`);
  const gateway = GatewayProcess.launch(bench, engine, await findFreePort());
  const load = new Load(gateway.port);
  load.start();
  for (let kill = 0; kill < killsWhileStarting; kill += 1) {
    await someTime(200, 3_000);
    await gateway.end('SIGKILL');
    gateway.restart();
  }
  await gateway.listens();
  for (let kill = 0; kill < kills; kill += 1) {
    await load.resumes(RESUMES_WITHIN_MS);
    await someTime(100, 1_000);
    await gateway.end('SIGKILL');
    gateway.restart();
    await gateway.listens();
  }
  await load.resumes(RESUMES_WITHIN_MS);
  await load.stop();
  await load.settle();
  const { exitCode } = await gateway.end('SIGTERM');
  const complaints = exitCode === 0 ? [] : [`exit code ${exitCode} at the end`];
  const notes = [`${killsWhileStarting} kills while it started`, `${kills} under load`];
  return judge('kill -9', engine, load, { notes, complaints });
}

/** Kills the gateway with SIGKILL again and again. */
export const killOnPostgres: Experiment = async (surroundings) => {
  const { full, postgres } = surroundings;
  return [await killUnderLoad(surroundings, postgres, full ? 15 : 3, full ? 3 : 0)];
};

/** The same on the embedded database, from its very first start on. */
export const killOnEmbedded: Experiment = async (surroundings) => {
  const { full, embedded } = surroundings;
  return [await killUnderLoad(surroundings, embedded, full ? 10 : 2, full ? 5 : 1)];
};
