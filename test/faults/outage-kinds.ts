import pg from 'pg';
import { pollUntil } from './poll.ts';
import type { PostgresCluster } from './postgres-cluster.ts';
import { ORDINARY_CONNECTIONS } from './postgres-settings.ts';

/** How a database can go away. */
export interface OutageKind {
  readonly name: string;
  /** Whether the database is away altogether, so that `/ready` has to say so. */
  readonly isWhole: boolean;
  /** Whether all tickets fail for it, so that `/ready` has to say so before long. */
  readonly isFelt?: boolean;
  /** Makes it go away; returns how it comes back, which resolves when it has. */
  begin(cluster: PostgresCluster): Promise<() => Promise<void>>;
}

const backends = "FROM pg_stat_activity WHERE application_name = 'ticket-gateway'";

const stopped: OutageKind = {
  name: 'stopped',
  isWhole: true,
  async begin(cluster) {
    await cluster.stop();
    return () => cluster.start();
  },
};

const killed: OutageKind = {
  name: 'killed with SIGKILL',
  isWhole: true,
  async begin(cluster) {
    await cluster.kill();
    return () => cluster.start();
  },
};

const frozen: OutageKind = {
  name: 'frozen with SIGSTOP',
  isWhole: true,
  async begin(cluster) {
    cluster.signalAll('SIGSTOP');
    return async () => cluster.signalAll('SIGCONT');
  },
};

const terminated: OutageKind = {
  name: 'its connections terminated',
  isWhole: false,
  async begin(cluster) {
    const repeat = setInterval(() => {
      cluster.query(`SELECT pg_terminate_backend(pid) ${backends}`).catch(() => {});
    }, 300);
    return async () => clearInterval(repeat);
  },
};

/** Somebody holds the table, as a migration does. */
export const locked: OutageKind = {
  name: 'the table locked',
  isWhole: false,
  isFelt: true,
  async begin(cluster) {
    const holder = await cluster.connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE');
    return () => holder.end();
  },
};

const crowded: OutageKind = {
  name: 'max_connections reached',
  isWhole: true,
  async begin(cluster) {
    const crowd: pg.Client[] = [];
    const join = async () => {
      const client = new pg.Client({ connectionString: cluster.url });
      client.on('error', () => {});
      await client.connect();
      crowd.push(client);
    };
    const fill = async () => {
      for (;;) await join();
    };
    // Each connection that the gateway loses is taken before it can have it again, until it has none.
    await pollUntil('the gateway has no connection', 20_000, async () => {
      await cluster.query(`SELECT pg_terminate_backend(pid) ${backends}`);
      await fill().catch(() => {});
      const [left] = await cluster.query<{ count: number }>(`SELECT count(*)::INTEGER ${backends}`);
      // A connection that ended after the crowd was refused leaves its place to the gateway.
      return left?.count === 0 && crowd.length === ORDINARY_CONNECTIONS;
    });
    return async () => {
      await Promise.all(crowd.map((client) => client.end()));
    };
  },
};

/** It is written, but PostgreSQL waits for a standby that is gone, and its own time-out does not count while it does. */
const forsaken: OutageKind = {
  name: 'its synchronous standby gone',
  isWhole: false,
  isFelt: true,
  async begin(cluster) {
    const wait = async (change: string) => {
      await cluster.query(`ALTER SYSTEM ${change}`);
      await cluster.query('SELECT pg_reload_conf()');
    };
    await wait("SET synchronous_standby_names = 'nobody'");
    return () => wait('RESET synchronous_standby_names');
  },
};

/** Those that any server can have, in the order in which they are tried. A full disk takes a file system to fill. */
export const outageKinds: readonly OutageKind[] = [
  stopped,
  killed,
  frozen,
  terminated,
  locked,
  crowded,
  forsaken,
];

/** How many statements of gateways run for longer than they may: nobody waits for them any more. */
export async function countAbandoned(cluster: PostgresCluster, deadline: number): Promise<number> {
  const text = `SELECT count(*)::INTEGER ${backends} AND state = 'active'
    AND clock_timestamp() - query_start > $1 * INTERVAL '1 second'`;
  const [found] = await cluster.query<{ count: number }>(text, [deadline]);
  return found?.count ?? 0;
}
