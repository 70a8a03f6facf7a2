import { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import { schemaDescription } from './description.ts';
import './scalars.ts';
import './errors.ts';
import './shop.ts';
import './customer.ts';
import './user.ts';
import './human-ticket.ts';
import './ticket.ts';
import './create-ticket.ts';

/** The gateway's GraphQL schema. */
export const schema: GraphQLSchema = new GraphQLSchema({
  ...builder.toSchema({ sortSchema: false }).toConfig(),
  // Which the builder has no place for.
  description: schemaDescription,
});
