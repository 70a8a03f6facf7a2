import type { VerifyToken } from '../auth/token-claims.ts';
import type { Config } from '../config.ts';
import type { GatewayOptions } from '../gateway-options.ts';
import type { SharedMeter } from '../limits/shared-meter.ts';
import type { Logger } from '../log.ts';

// What most gateways run without is loaded only when the settings ask for it.

/** Meters the credentials in Redis, where REDIS_URL is set. */
export async function openSharedMeter({ redisUrl }: Config, log: Logger): Promise<SharedMeter | undefined> {
  if (redisUrl === undefined) return undefined;
  const { SharedMeter } = await import('../limits/shared-meter.ts');
  return SharedMeter.open(redisUrl, log);
}

/** Reads the documents that alone are run, where PERSISTED_OPERATIONS is set. */
export async function openTrustedDocuments({
  persistedOperations,
}: Config): Promise<GatewayOptions['trustedDocuments']> {
  if (persistedOperations === undefined) return undefined;
  const { loadTrustedDocuments } = await import('../graphql/trusted-documents.ts');
  return loadTrustedDocuments(persistedOperations);
}

/** Verifies tokens, where the settings tell by whom they are signed. */
export async function openTokens(config: Config, log: Logger): Promise<VerifyToken | undefined> {
  if (config.tokens === undefined) return undefined;
  const { openTokenVerifier } = await import('../auth/token-verifier.ts');
  return openTokenVerifier(config.tokens, config.requestDeadline, log);
}
