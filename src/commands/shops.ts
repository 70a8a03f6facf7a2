import { Command } from 'commander';
import type { Shop } from '../db/generated/prisma/client.ts';
import { closeShop, createShop, listShops } from '../shops/shops.ts';
import { group } from './group.ts';
import { type JsonOption, jsonOption, print, table } from './output.ts';
import { withDatabase } from './with-database.ts';

const tableOf = (shops: readonly Shop[]) =>
  table(
    ['ID', 'DOMAIN', 'NAME', 'CREATED', 'CLOSED'],
    shops.map((shop) => [shop.id, shop.domain, shop.name, shop.createdAt, shop.closedAt]),
  );

const create = new Command('create')
  .description('create a shop')
  .requiredOption('--domain <domain>', 'domain that names the shop, such as a.example')
  .option('--name <name>', 'name for people; the domain by default')
  .option(...jsonOption)
  .action(async ({ domain, name = domain, ...options }: JsonOption & { domain: string; name?: string }) => {
    const shop = await withDatabase(({ prisma }) => createShop(prisma, { domain, name }));
    print(options, shop, () => tableOf([shop]));
  });

const list = new Command('list')
  .description('list all shops')
  .option(...jsonOption)
  .action(async (options: JsonOption) => {
    const shops = await withDatabase(({ prisma }) => listShops(prisma));
    print(options, shops, () => tableOf(shops));
  });

const close = new Command('close')
  .description('close a shop: its keys answer 404 within five seconds, its tickets stay')
  .requiredOption('--domain <domain>', 'domain of the shop')
  .option(...jsonOption)
  .action(async ({ domain, ...options }: JsonOption & { domain: string }) => {
    const shop = await withDatabase(({ prisma }) => closeShop(prisma, domain));
    print(options, shop, () => tableOf([shop]));
  });

/** `shops create`, `shops list` and `shops close`. */
export const shopsCommand = group('shops', 'create, list and close shops', [create, list, close]);
