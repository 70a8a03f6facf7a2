import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './engines.ts';
import type { Experiment } from './experiment.ts';
import { GatewayProcess, REQUEST_DEADLINE } from './gateway.ts';
import { type Finding, judge } from './judge.ts';
import { Load } from './load.ts';
import { countAbandoned, type OutageKind, outageKinds } from './outage-kinds.ts';
import { pollUntil } from './poll.ts';
import type { PostgresCluster } from './postgres-cluster.ts';
import { ProbeWatch } from './probe-watch.ts';
import { findFreePort } from './workbench.ts';

// What a busy machine may add to the deadline, and how soon after the database the gateway has to be back.
const MARGIN_MS = 1_000;
const BACK_WITHIN_MS = 5_000;
const PROMPT_MS = 1_000;

interface Observation {
  readonly load: Load;
  readonly probes: ProbeWatch;
  readonly begun: number;
  readonly ended: number;
  readonly abandoned: number;
  readonly kind: Outage;
}

/** An outage of a database at hand. */
export interface Outage extends Omit<OutageKind, 'begin'> {
  /** Makes it go away; returns how it comes back, which resolves when it has. */
  begin(): Promise<() => Promise<void>>;
  /** How many statements go on though nobody waits for them. */
  countAbandoned(): Promise<number>;
}

/** An outage of this PostgreSQL server. */
export const outageOf = (cluster: PostgresCluster, kind: OutageKind): Outage => ({
  ...kind,
  begin: () => kind.begin(cluster),
  countAbandoned: () => countAbandoned(cluster, REQUEST_DEADLINE),
});

function complaintsAbout({ load, probes, begun, ended, abandoned, kind }: Observation): string[] {
  const answers = load.requests.flatMap(({ attempts }) => attempts.map(({ answer }) => answer));
  const during = probes.ready.filter(
    ({ sentAt, milliseconds }) => sentAt > begun && sentAt + milliseconds < ended,
  );
  const found: readonly [string, boolean][] = [
    ['a request was not answered', answers.some(({ status }) => status === undefined)],
    [
      'an answer came after the deadline',
      answers.some(({ milliseconds }) => milliseconds > REQUEST_DEADLINE * 1_000 + MARGIN_MS),
    ],
    ['/health was not 200', probes.health.some(({ status }) => status !== 200)],
    ['/health was slow', probes.health.some(({ milliseconds }) => milliseconds > PROMPT_MS)],
    [
      '/ready was 200 while the database was away',
      kind.isWhole && during.some(({ status }) => status !== 503),
    ],
    ['/ready stayed 200', Boolean(kind.isFelt) && during.every(({ status }) => status === 200)],
    ['/ready was not asked while the database was away', during.length === 0],
    ['/ready is not 200 again', probes.ready.at(-1)?.status !== 200],
    [`${abandoned} statements went on though nobody waited for them`, abandoned > 0],
  ];
  return found.filter(([, isTrue]) => isTrue).map(([complaint]) => complaint);
}

/** Takes the database away in one way from a gateway under load, for at least so many seconds, until it is back. */
export async function suffer(
  kind: Outage,
  engine: Engine,
  gateway: GatewayProcess,
  seconds: number,
): Promise<Finding> {
  const load = new Load(gateway.port);
  const probes = new ProbeWatch(gateway.port);
  load.start();
  await load.resumes(2 * BACK_WITHIN_MS);
  await sleep(500);
  const comeBack = await kind.begin();
  const begun = performance.now();
  await sleep(seconds * 1_000);
  // On a busy machine that was too short for /ready to be asked and to answer; if it never does, that is a complaint.
  const isReadyAnswered = () => probes.ready.some(({ sentAt }) => sentAt > begun);
  await pollUntil('/ready is asked and answers', BACK_WITHIN_MS, isReadyAnswered).catch(() => {});
  const abandonedMeanwhile = kind.isWhole ? 0 : await kind.countAbandoned();
  const ended = performance.now();
  await comeBack();
  const resumed = await load.resumes(2 * BACK_WITHIN_MS).catch(() => Number.POSITIVE_INFINITY);
  await sleep(700);
  const abandoned = abandonedMeanwhile + (await kind.countAbandoned());
  await load.stop();
  await load.settle();
  await probes.stop();
  return judge(`database ${kind.name}`, engine, load, {
    notes: [`${seconds} s away`, `back ${Math.round(resumed)} ms after it`],
    complaints: [
      ...complaintsAbout({ load, probes, begun, ended, abandoned, kind }),
      ...(resumed > BACK_WITHIN_MS ? [`it took ${Math.round(resumed)} ms to be back`] : []),
      ...(gateway.lives() ? [] : ['the gateway ended']),
    ],
  });
}

/** Takes the database away from a gateway under load, in every way there is; it has to say so, and to recover. */
export const outage: Experiment = async ({ bench, postgres, full, say }) => {
  const gateway = await GatewayProcess.launch(bench, postgres, await findFreePort()).listens();
  const findings: Finding[] = [];
  // A server that is stopped is away like one that is killed; the short form has no time for both.
  const kinds = full ? outageKinds : outageKinds.filter(({ name }) => name !== 'stopped');
  for (const kind of kinds) {
    say(`${postgres.name}: ${kind.name}`);
    findings.push(await suffer(outageOf(postgres.cluster, kind), postgres, gateway, full ? 8 : 2.5));
  }
  await gateway.end('SIGTERM');
  return findings;
};
