import { Client } from './client.ts';
import type { Experiment } from './experiment.ts';
import { GatewayProcess } from './gateway.ts';
import { judge } from './judge.ts';
import { Load } from './load.ts';
import { findFreePort } from './workbench.ts';

const AT_ONCE = 100;

/** Two gateways on one PostgreSQL are sent the same key a hundred times at once: one row, and all get it. */
export const oneKey: Experiment = async ({ bench, postgres, full, say }) => {
  const rounds = full ? 50 : 15;
  say(`${rounds} keys, each sent ${AT_ONCE} times at once to two gateways`);
  const gateways = [await findFreePort(), await findFreePort()].map((port) =>
    GatewayProcess.launch(bench, postgres, port, { REQUEST_DEADLINE: '30' }),
  );
  await Promise.all(gateways.map((gateway) => gateway.listens()));
  const clients = Array.from({ length: AT_ONCE }, (_, index) => new Client(gateways[index % 2]?.port ?? 0));
  const load = new Load(0, 0);
  for (let round = 0; round < rounds; round += 1) {
    const key = `${load.prefix}${round}`;
    const isOpenedTicket = round % 2 === 0;
    const requests = clients.map((client, index) => {
      const request = load.want(index % 4 < 2 ? 'rest' : 'graphql', key, isOpenedTicket);
      return load.send(request, client);
    });
    await Promise.all(requests);
  }
  for (const client of clients) client.close();
  const ends = await Promise.all(gateways.map((gateway) => gateway.end('SIGTERM')));
  const complaints = ends
    .filter(({ exitCode }) => exitCode !== 0)
    .map(({ exitCode, stderr }) => `a gateway ended with ${exitCode}: ${stderr.trim().split('\n').at(-1)}`);
  return [await judge('one key a hundred times on two gateways', postgres, load, { complaints })];
};
