import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JSONWebKeySet,
} from 'jose';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';

// An issuer that did not answer is asked again after so long a time; until then nobody waits for it.
const RETRY_INTERVAL_MS = 1_000;
// After a good answer a token that names an unknown key makes it be asked again only so late, however many there are.
const COOLDOWN_MS = 10_000;
// A key that the issuer has withdrawn is good for so long at the most.
const GOOD_FOR_MS = 600_000;

const unavailable = () =>
  new GatewayError('UNAVAILABLE', "The keys of the tokens' issuer cannot be had at the moment", {
    'retry-after': '2',
  });

// Far more than any issuer's keys take.
const MOST_CHARACTERS = 1_000_000;

async function readJson({ body }: Response): Promise<JSONWebKeySet> {
  let text = '';
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (text.length > MOST_CHARACTERS) throw new Error('The answer is too long');
  }
  return JSON.parse(text);
}

// Answers with what the issuer publishes when that is a key set, else fails with UNAVAILABLE.
function createFetch(log: Logger): FetchImplementation {
  let isAway = false;
  let askAgainAt = 0;
  return async (url, options) => {
    if (performance.now() < askAgainAt) throw unavailable();
    try {
      const response = await fetch(url, options);
      if (response.status !== 200) throw new Error(`The answer's status is ${response.status}`);
      const keySet = await readJson(response);
      createLocalJWKSet(keySet);
      if (isAway) log.info("the keys of the tokens' issuer are there again");
      isAway = false;
      return Response.json(keySet);
    } catch (err) {
      askAgainAt = performance.now() + RETRY_INTERVAL_MS;
      if (!isAway)
        log.warn({ err }, "the keys of the tokens' issuer cannot be had: no token is taken without them");
      isAway = true;
      throw unavailable();
    }
  };
}

/** Finds the public key that a token names; fails with UNAVAILABLE while the issuer does not answer. */
export type KeySet = ReturnType<typeof createRemoteJWKSet>;

/**
 * Reads the keys that an issuer publishes, waiting for no longer than so many milliseconds. They are asked for again
 * after ten minutes, and when a token names one that is not there. While they cannot be had the log says so, once.
 */
export async function openKeySet(url: URL, patience: number, log: Logger): Promise<KeySet> {
  const keySet = createRemoteJWKSet(url, {
    timeoutDuration: patience,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: GOOD_FOR_MS,
    [customFetch]: createFetch(log),
  });
  await keySet.reload().catch(() => {});
  return keySet;
}
