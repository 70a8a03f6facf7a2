import { setTimeout as sleep } from 'node:timers/promises';
import type { Experiment } from './experiment.ts';
import { GatewayProcess } from './gateway.ts';
import { judge } from './judge.ts';
import { Load } from './load.ts';
import { findFreePort } from './workbench.ts';

const BACK_WITHIN_MS = 5_000;

/** Freezes and thaws the gateway with the embedded database in it: that one cannot go away by itself. */
export const freeze: Experiment = async ({ bench, embedded: engine, full, say }) => {
  const times = full ? 4 : 1;
  say(`${engine.name}: ${times} times frozen and thawed under load`);
  const gateway = await GatewayProcess.launch(bench, engine, await findFreePort()).listens();
  const load = new Load(gateway.port);
  const [notes, complaints]: [string[], string[]] = [[], []];
  load.start();
  for (let time = 0; time < times; time += 1) {
    await load.resumes(2 * BACK_WITHIN_MS);
    await sleep(300);
    process.kill(gateway.processId, 'SIGSTOP');
    await sleep(3_000);
    process.kill(gateway.processId, 'SIGCONT');
    const resumed = await load.resumes(2 * BACK_WITHIN_MS).catch(() => Number.POSITIVE_INFINITY);
    notes.push(`back ${Math.round(resumed)} ms after it`);
    if (resumed > BACK_WITHIN_MS) complaints.push(`it took ${Math.round(resumed)} ms to be back`);
  }
  await load.stop();
  await load.settle();
  await gateway.end('SIGTERM');
  return [await judge('gateway frozen with SIGSTOP', engine, load, { notes, complaints })];
};
