import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createApiKey } from '../src/auth/api-keys.ts';
import { postTicket, startGateway } from './helpers/gateway.ts';
import { plantSecret } from './helpers/log-record.ts';

const gateway = await startGateway();
const { prisma, withSession } = gateway.database;
const readme = await readFile('README.md', 'utf8');
const [, importScript = ''] = /```sql\n([^`]*)```/.exec(readme) ?? [];
const [, domain = '', key = ''] =
  /keys create --shop (\S+) .*--key (\S+)/.exec(readme.slice(readme.indexOf('### Moving from'))) ?? [];

test('what the README imports from a v1 backend is served with its ids and keys, and new rows go on behind it', async () => {
  plantSecret(key);
  await withSession((session) => session.execute(importScript));
  await createApiKey(prisma, {
    shop: domain,
    name: 'Legacy CRM',
    scopes: ['tickets:write'],
    expiresAt: null,
    existingKey: key,
  });
  const body = { customerId: 40018, Channel: 'Mail', assigned_to: 45 };
  expect(await postTicket(gateway, key, body)).toMatchObject({
    status: 201,
    body: { success: true, ticket: { customerID: 40018, assigned_to: 45, shopDomain: 'a.example' } },
  });
  const next = await prisma.shop.create({
    data: {
      domain: 'b.example',
      name: 'Shop B',
      users: { create: { email: 'agent@b.example' } },
      customers: { create: {} },
    },
    include: { users: true, customers: true },
  });
  expect([next.id, next.users[0]?.id, next.customers[0]?.id]).toEqual([8, 46, 40019]);
});
