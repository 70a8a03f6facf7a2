import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.ts';
import type { Engine } from './engines.ts';
import type { Experiment, Surroundings } from './experiment.ts';
import { GatewayProcess } from './gateway.ts';
import { type Finding, judge } from './judge.ts';
import { Load } from './load.ts';
import { pollUntil } from './poll.ts';
import { findFreePort } from './workbench.ts';

const LONGEST_MS = 10_000;
const READY_PATIENCE_MS = 1_000;
const IDLE_CONNECTIONS = 20;

interface Drain {
  readonly milliseconds: number;
  readonly complaints: readonly string[];
}

async function stopUnderLoad(gateway: GatewayProcess, load: Load): Promise<Drain> {
  const since = performance.now();
  const idle = Array.from({ length: IDLE_CONNECTIONS }, () => new Client(gateway.port));
  await Promise.all(idle.map((client) => client.send('/health')));
  const kept = new Client(gateway.port);
  await kept.send('/ready');
  await sleep(500 + Math.random() * 500);
  const signalled = performance.now();
  const ended = gateway.end('SIGTERM');
  let lastReady = 0;
  // The signal is heeded when the process gets to it; from then on no answer may be 200.
  await pollUntil('/ready is 503 or its connection closed', LONGEST_MS, async () => {
    const { status } = await kept.send('/ready');
    if (status === 200) lastReady = performance.now() - signalled;
    return status !== 200;
  });
  const { exitCode } = await ended;
  const milliseconds = Math.round(performance.now() - signalled);
  for (const client of [...idle, kept]) client.close();
  const unanswered = load.requests
    .flatMap(({ attempts }) => attempts)
    .filter(
      ({ answer }) => answer.sentAt >= since && answer.sentAt < signalled && answer.status === undefined,
    );
  const found: readonly [string, boolean][] = [
    [
      `${unanswered.length} requests under way were not answered: ${unanswered[0]?.answer.text}`,
      unanswered.length > 0,
    ],
    [`exit code ${exitCode}`, exitCode !== 0],
    [`it took ${milliseconds} ms`, milliseconds > LONGEST_MS],
    [`/ready was 200 for ${Math.round(lastReady)} ms`, lastReady > READY_PATIENCE_MS],
  ];
  return { milliseconds, complaints: found.filter(([, isTrue]) => isTrue).map(([complaint]) => complaint) };
}

async function drainAgainAndAgain(
  { bench, say }: Surroundings,
  engine: Engine,
  times: number,
): Promise<Finding> {
  say(`${engine.name}: ${times} times SIGTERM under load`);
  const gateway = await GatewayProcess.launch(bench, engine, await findFreePort()).listens();
  const load = new Load(gateway.port);
  const drains: Drain[] = [];
  load.start();
  for (let time = 0; time < times; time += 1) {
    await load.resumes(LONGEST_MS);
    drains.push(await stopUnderLoad(gateway, load));
    gateway.restart();
    await gateway.listens();
  }
  return conclude('SIGTERM', engine, gateway, load, drains);
}

async function drainWhileFrozen({ bench, postgres, say }: Surroundings): Promise<Finding> {
  say(`${postgres.name}: SIGTERM while the database is frozen`);
  const gateway = await GatewayProcess.launch(bench, postgres, await findFreePort()).listens();
  const load = new Load(gateway.port);
  load.start();
  await load.resumes(LONGEST_MS);
  postgres.cluster.signalAll('SIGSTOP');
  const drained = await stopUnderLoad(gateway, load);
  postgres.cluster.signalAll('SIGCONT');
  gateway.restart();
  await gateway.listens();
  return conclude('SIGTERM, database frozen', postgres, gateway, load, [drained]);
}

async function conclude(
  experiment: string,
  engine: Engine,
  gateway: GatewayProcess,
  load: Load,
  drains: readonly Drain[],
): Promise<Finding> {
  await load.stop();
  await load.settle();
  await gateway.end('SIGTERM');
  return judge(experiment, engine, load, {
    notes: [`ended after ${drains.map(({ milliseconds }) => milliseconds).join(', ')} ms`],
    complaints: drains.flatMap(({ complaints }) => complaints),
  });
}

/** Ends the gateway with SIGTERM under load: what was started is answered. */
export const drainOnPostgres: Experiment = async (surroundings) => {
  const { full, postgres } = surroundings;
  return [
    await drainAgainAndAgain(surroundings, postgres, full ? 8 : 2),
    await drainWhileFrozen(surroundings),
  ];
};

/** The same on the embedded database, which is in the gateway and cannot be frozen without it. */
export const drainOnEmbedded: Experiment = async (surroundings) => {
  const { full, embedded } = surroundings;
  return [await drainAgainAndAgain(surroundings, embedded, full ? 4 : 1)];
};
