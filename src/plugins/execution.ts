import { execute } from 'graphql';
import type { GatewayPlugin } from '../context.ts';

/** Executes with graphql's own executor: Yoga's puts fields into the answer as they settle, not as they were asked for. */
export function useExecution(): GatewayPlugin {
  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn(execute);
    },
  };
}
