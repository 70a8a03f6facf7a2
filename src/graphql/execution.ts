import { execute } from 'graphql';
import type { GatewayPlugin } from '../context.ts';

const options = { maxCoercionErrors: 5 };

/**
 * Executes with graphql's own executor: Yoga's puts fields into the answer as they settle, not as they were
 * asked for. Faulty variables are told few at a time and without suggestions, as faulty documents are.
 */
export function useExecution(): GatewayPlugin {
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn((args) => execute({ hideSuggestions: true, options, ...args }));
    },
  };
}
