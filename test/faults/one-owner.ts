import { Client } from './client.ts';
import type { Experiment } from './experiment.ts';
import { GatewayProcess } from './gateway.ts';
import { judge } from './judge.ts';
import { Load } from './load.ts';
import { findFreePort } from './workbench.ts';

// Node.js and its loader take most of it; what the refusal itself takes is a few milliseconds.
const AT_ONCE_MS = 5_000;

/** A second process on the folder of an embedded database is refused at once; after SIGKILL the folder is free. */
export const oneOwner: Experiment = async ({ bench, embedded: engine, full, say }) => {
  const rounds = full ? 3 : 1;
  say(`${rounds} times a second process on one folder, then a kill`);
  const owner = await GatewayProcess.launch(bench, engine, await findFreePort()).listens();
  const load = new Load(owner.port, 1);
  const client = new Client(owner.port);
  const complaints: string[] = [];
  const notes: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await load.send(load.want('rest'), client);
    const since = performance.now();
    const second = GatewayProcess.launch(bench, engine, await findFreePort());
    const { exitCode, stderr } = await second.finished();
    const milliseconds = Math.round(performance.now() - since);
    if (exitCode !== 1 || !/^The embedded database in .+ is in use by process \d+: .+\n$/.test(stderr)) {
      complaints.push(`the second process ended with ${exitCode} and wrote ${stderr}`);
    }
    if (!stderr.includes(`process ${owner.processId}:`)) complaints.push('it does not name the owner');
    if (milliseconds > AT_ONCE_MS) complaints.push(`the refusal took ${milliseconds} ms`);
    notes.push(`refused within ${milliseconds} ms`);
    await load.send(load.want('graphql'), client);
    await owner.end('SIGKILL');
    owner.restart();
    await owner.listens();
  }
  client.close();
  await load.settle();
  await owner.end('SIGTERM');
  return [await judge('one owner of a folder', engine, load, { notes, complaints })];
};
