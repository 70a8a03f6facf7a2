import { Command } from 'commander';
import { seedDemoShop } from '../shops/demo-shop.ts';
import { type JsonOption, jsonOption, print } from './output.ts';
import { withDatabase } from './with-database.ts';

/** `seed`: makes the demo shop. */
export const seedCommand = new Command('seed')
  .description('make the demo shop, with a customer, an agent and a key that everybody knows')
  .option(...jsonOption)
  .action(async (options: JsonOption) => {
    const demo = await withDatabase(({ prisma }) => seedDemoShop(prisma));
    print(options, demo, () => [
      `Shop      ${demo.shop.domain}`,
      `Customer  ${demo.customerId}`,
      `Agent     ${demo.agentId}`,
      `Key       ${demo.key}`,
    ]);
  });
