import type { GatewayPlugin } from '../context.ts';
import { GatewayError } from '../errors.ts';

/** Waits for the work, or fails with UNAVAILABLE when it takes longer than this; what it does then goes unheard. */
export async function within<Result>(
  milliseconds: number,
  work: PromiseLike<Result> | Result,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new GatewayError('UNAVAILABLE', 'The request took too long', { 'retry-after': '1' }));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Answers an operation that takes too long with 503, on both doors. */
export function useDeadline(milliseconds: number): GatewayPlugin {
  return {
    onParams({ paramsHandler, setParamsHandler }) {
      setParamsHandler((payload) => within(milliseconds, paramsHandler(payload)));
    },
  };
}
