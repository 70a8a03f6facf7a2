import { ShopNotFoundError } from '../errors.ts';
import { SHOP_DOMAIN_MEANING } from '../tickets/meanings.ts';
import { builder } from './builder.ts';

builder.prismaObject('Shop', {
  description: 'A tenant of the helpdesk. It has customers, agents, tickets and API keys of its own.',
  fields: (t) => ({
    id: t.exposeInt('id', { description: 'Number of the shop.' }),
    domain: t.exposeString('domain', { description: SHOP_DOMAIN_MEANING }),
    name: t.exposeString('name', { description: 'Name of the shop, for people.' }),
  }),
});

builder.queryField('shop', (t) =>
  t.prismaField({
    type: 'Shop',
    description:
      'The shop that the credential belongs to. Needs no scope, and so tells whether a credential is good.',
    resolve: async (query, _root, _arguments, { database, viewer }) => {
      const shop = await database.prisma.shop.findUnique({ ...query, where: { id: viewer.shop.id } });
      // Deleted since the credential was looked up.
      if (shop === null) throw new ShopNotFoundError();
      return shop;
    },
  }),
);
