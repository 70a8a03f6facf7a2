import { type ExecutionArgs, execute, getOperationAST } from 'graphql';
import type { RequestContext } from '../context.ts';
import { requireTime } from '../limits/deadline.ts';
import type { GatewayPlugin } from './gateway-plugin.ts';

// Not the operation's own name, which is a text of the client's.
const typeOf = ({ document, operationName }: ExecutionArgs): string =>
  getOperationAST(document, operationName)?.operation ?? 'operation';

const options = { maxCoercionErrors: 5 };

/**
 * Executes with graphql's own executor: Yoga's puts fields into the answer as they settle, not as they were
 * asked for. Queries take turns. Faulty variables are told few at a time and without suggestions, as faulty documents are.
 */
export function useExecution(): GatewayPlugin {
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn((args) => {
        const context: RequestContext = args.contextValue;
        const { tracing, turns, held, viewer } = context;
        const shopId = viewer.shop.id;
        const type = typeOf(args);
        const execution = () => execute({ hideSuggestions: true, options, ...args });
        const inTurn = () => {
          requireTime(context.until);
          held.requireRoom(shopId);
          return execution();
        };
        // Mutations take none: tickets that are created at the same time are better together.
        const run = type === 'query' ? () => turns.run(shopId, inTurn) : execution;
        if (tracing === undefined) return run();
        return tracing.step(`GraphQL ${type}`, run, { 'graphql.operation.type': type });
      });
    },
  };
}
