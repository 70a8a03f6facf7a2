import { hashKeyText, mintKeyText, shownPrefix } from '../../src/auth/key-text.ts';
import { type Scope, scopes } from '../../src/auth/scopes.ts';
import type { Database } from '../../src/db/database.ts';
import { plantSecret } from './log-record.ts';

/** The keys of a modelled shop, and what each may do. */
export const keyScopes = {
  everything: scopes,
  writer: ['tickets:write'],
  reader: ['tickets:read'],
} as const satisfies Record<string, readonly Scope[]>;

/** One of the keys of a shop. */
export type KeyName = keyof typeof keyScopes;

/** A customer or an agent. */
interface Person {
  readonly id: number;
  readonly email: string | null;
}

/** A ticket that was acknowledged. */
export interface ModelTicket {
  readonly id: string;
  readonly customer: Person;
  readonly assignee: Person | null;
  readonly isOpenedTicket: boolean;
  readonly idempotencyKey: string | null;
}

/** What a shop is known to have. */
export interface ModelShop {
  readonly id: number;
  readonly domain: string;
  readonly customers: readonly Person[];
  readonly agents: readonly Person[];
  readonly keys: Readonly<Record<KeyName, { readonly id: number; readonly text: string }>>;
  readonly revokedKeys: Set<KeyName>;
  readonly tickets: ModelTicket[];
  isClosed: boolean;
}

let shopCount = 0;

async function makeModelShop({ prisma }: Database): Promise<ModelShop> {
  shopCount += 1;
  const domain = `modelled-${shopCount}.example`;
  const texts = { everything: mintKeyText(), writer: mintKeyText(), reader: mintKeyText() };
  for (const text of Object.values(texts)) plantSecret(text);
  const keyRow = (name: KeyName) => ({
    name,
    hash: hashKeyText(texts[name]),
    prefix: shownPrefix(texts[name]),
    scopes: [...keyScopes[name]],
  });
  const { id, customers, users, apiKeys } = await prisma.shop.create({
    data: {
      domain,
      name: domain,
      customers: { create: [1, 2].map((number) => ({ email: `customer-${number}@${domain}` })) },
      // More agents than customers, so that the number of an agent soon is that of another shop's customer.
      users: { create: [1, 2, 3].map((number) => ({ email: `agent-${number}@${domain}` })) },
      apiKeys: { create: [keyRow('everything'), keyRow('writer'), keyRow('reader')] },
    },
    include: { customers: true, users: true, apiKeys: true },
  });
  const keyNamed = (name: KeyName) => {
    const row = apiKeys.find((key) => key.name === name);
    if (!row) throw new Error(`The shop was made without its key ${name}`);
    return { id: row.id, text: texts[name] };
  };
  return {
    id,
    domain,
    customers,
    agents: users,
    keys: { everything: keyNamed('everything'), writer: keyNamed('writer'), reader: keyNamed('reader') },
    revokedKeys: new Set(),
    tickets: [],
    isClosed: false,
  };
}

/** Three shops that no other test uses, each with customers, agents and keys, and without tickets. */
export async function makeThreeShops(database: Database): Promise<ModelShop[]> {
  return Promise.all([makeModelShop(database), makeModelShop(database), makeModelShop(database)]);
}
