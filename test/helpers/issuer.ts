import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import type { SigningKey } from './tokens.ts';

/** An issuer's server, which publishes its keys as a JSON Web Key Set. */
export interface Issuer {
  readonly keySetUrl: URL;
  /** How many times it was asked. */
  requests: number;
  /** What it answers with; by default the keys. */
  answer: (response: ServerResponse) => void;
  /** Publishes these keys from now on. */
  publish(...keys: readonly Pick<SigningKey, 'jwk'>[]): void;
  /** Ends the server; its port answers no more. */
  stop(): Promise<void>;
}

const issuers: Issuer[] = [];
afterAll(() => Promise.all(issuers.map((issuer) => issuer.stop())));

/** Starts an issuer that publishes these keys; it ends after the last test of the file. */
export async function startIssuer(...keys: readonly SigningKey[]): Promise<Issuer> {
  const answerWith = (published: readonly Pick<SigningKey, 'jwk'>[]) => (response: ServerResponse) =>
    response.end(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }));
  const server = createServer((_, response) => {
    issuer.requests += 1;
    issuer.answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer: Issuer = {
    keySetUrl: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`),
    requests: 0,
    answer: answerWith(keys),
    publish(...published) {
      this.answer = answerWith(published);
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  issuers.push(issuer);
  return issuer;
}
