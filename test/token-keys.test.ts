import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestGateway, makeShop, startGateway, type TestGateway } from './helpers/gateway.ts';
import { type Issuer, startIssuer } from './helpers/issuer.ts';
import { claimsFor, makeSigningKey, openVerifier, type Signer, signToken } from './helpers/tokens.ts';

const { database } = await startGateway();
const shop = await makeShop(database);
const [first, second] = [makeSigningKey('ES256'), makeSigningKey('ES256')];

beforeEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

// Short enough for a test to wait out what an issuer does not answer: two fifths of it.
const REQUEST_DEADLINE = 1_000;

interface Opened extends TestGateway {
  readonly issuer: Issuer;
  /** What was said of the issuer, in order. */
  readonly said: () => unknown[];
}

async function open(issuer: Issuer): Promise<Opened> {
  const { verifyToken, log } = await openVerifier({ keySetUrl: issuer.keySetUrl }, REQUEST_DEADLINE);
  const gateway = await createTestGateway(database, { verifyToken });
  return { ...gateway, issuer, said: () => log.map(({ msg }) => msg) };
}

/** Asks both doors on behalf of a token of its own each; they must say the same. */
async function ask(to: TestGateway, signer: Signer) {
  const headers = (token: string) => ({
    'content-type': 'application/json',
    'x-request-id': 'test',
    authorization: `Bearer ${token}`,
  });
  const token = () => signToken(claimsFor(shop), signer);
  const graphql = await to.send('/graphql', {
    method: 'POST',
    headers: headers(token()),
    body: '{"query":"{ shop { domain } }"}',
  });
  const body = JSON.stringify({ customerId: shop.customerId, Channel: 'Mail' });
  const rest = await to.send('/api/v1/tickets', { method: 'POST', headers: headers(token()), body });
  return { graphql, rest };
}

const statusesOf = async (to: TestGateway, signer: Signer) => {
  const { graphql, rest } = await ask(to, signer);
  return [graphql.status, rest.status];
};

/** Lets the clock run on by so many milliseconds. */
const pass = (milliseconds: number) => {
  const later = performance.now() + milliseconds;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  vi.setSystemTime(Date.now() + milliseconds);
};

const AWAY = "the keys of the tokens' issuer cannot be had: no token is taken without them";
const BACK = "the keys of the tokens' issuer are there again";

test('the keys are asked for at the start, and not again while they are known', async () => {
  const gateway = await open(await startIssuer(first));
  expect(gateway.issuer.requests).toBe(1);
  expect(await statusesOf(gateway, first)).toEqual([200, 201]);
  expect([gateway.issuer.requests, gateway.said()]).toEqual([1, []]);
});

test('a key that the issuer has changed to is taken, and the one before it no longer', async () => {
  const gateway = await open(await startIssuer(first));
  gateway.issuer.publish(second);
  pass(10_001);
  expect(await statusesOf(gateway, second)).toEqual([200, 201]);
  expect(await statusesOf(gateway, first)).toEqual([401, 401]);
  expect(gateway.issuer.requests).toBe(2);
});

test('a key that the issuer has withdrawn is taken for ten minutes at the most', async () => {
  const gateway = await open(await startIssuer(first, second));
  gateway.issuer.publish(second);
  pass(600_001);
  expect(await statusesOf(gateway, first)).toEqual([401, 401]);
  expect(await statusesOf(gateway, second)).toEqual([200, 201]);
});

test('any number of tokens with unknown keys makes the issuer be asked once in ten seconds', async () => {
  const gateway = await open(await startIssuer(first));
  const flood = () => Promise.all(Array.from({ length: 20 }, () => statusesOf(gateway, second)));
  expect(await flood()).toEqual(Array(20).fill([401, 401]));
  expect(gateway.issuer.requests).toBe(1);
  pass(10_001);
  expect(await flood()).toEqual(Array(20).fill([401, 401]));
  expect(gateway.issuer.requests).toBe(2);
  expect(await statusesOf(gateway, first)).toEqual([200, 201]);
});

describe.each<[string, (response: ServerResponse) => void]>([
  ['is gone', (response) => response.destroy()],
  ['does not answer', () => {}],
  ['begins to answer and stops', (response) => response.write('{"keys":[')],
  ['answers 500', (response) => response.writeHead(500).end('{"keys":[]}')],
  ['sends elsewhere', (response) => response.writeHead(302, { location: '/other' }).end()],
  ['answers with a page', (response) => response.end('<!doctype html>')],
  ['answers with JSON that is no key set', (response) => response.end('{"keys":{}}')],
])('an issuer that %s', (_, answer) => {
  const message = "The keys of the tokens' issuer cannot be had at the moment";

  test('makes every token 503, also an unknown one, until it is back; the log says so once', async () => {
    const issuer = await startIssuer(first);
    const good = issuer.answer;
    issuer.answer = answer;
    const gateway = await open(issuer);
    expect(gateway.said()).toEqual([AWAY]);
    const { graphql, rest } = await ask(gateway, first);
    expect([graphql.status, graphql.headers.get('retry-after'), graphql.body]).toEqual([
      503,
      '2',
      { errors: [{ message, extensions: { code: 'UNAVAILABLE', requestId: 'test' } }] },
    ]);
    expect([rest.status, rest.headers.get('retry-after'), rest.body]).toEqual([
      503,
      '2',
      { error: message, code: 'UNAVAILABLE', requestId: 'test' },
    ]);
    expect(await statusesOf(gateway, second)).toEqual([503, 503]);
    issuer.answer = good;
    pass(1_001);
    expect(await statusesOf(gateway, first)).toEqual([200, 201]);
    expect(await statusesOf(gateway, second)).toEqual([401, 401]);
    expect(gateway.said()).toEqual([AWAY, BACK]);
  });

  test('is asked again once a second at the most, and nobody waits for it meanwhile', async () => {
    const issuer = await startIssuer(first);
    issuer.answer = answer;
    const gateway = await open(issuer);
    const asked = issuer.requests;
    // The clock stands still, so that no second passes meanwhile.
    pass(0);
    await Promise.all(Array.from({ length: 10 }, () => ask(gateway, first)));
    expect(issuer.requests).toBe(asked);
    pass(1_001);
    await Promise.all(Array.from({ length: 10 }, () => ask(gateway, first)));
    expect(issuer.requests).toBe(asked + 1);
    expect(gateway.said()).toEqual([AWAY]);
  });

  test('takes nothing from whose keys are known, and makes the others 503', async () => {
    const gateway = await open(await startIssuer(first));
    gateway.issuer.answer = answer;
    pass(10_001);
    expect(await statusesOf(gateway, second)).toEqual([503, 503]);
    expect(await statusesOf(gateway, first)).toEqual([200, 201]);
  });
});

test('of an issuer that answers without end no more is taken than keys may be long', async () => {
  const issuer = await startIssuer(first);
  let megabytes = 0;
  function* endless() {
    for (; ; megabytes += 1) yield ' '.repeat(1_000_000);
  }
  issuer.answer = (response) => Readable.from(endless()).pipe(response);
  const gateway = await open(issuer);
  expect(gateway.said()).toEqual([AWAY]);
  expect(await statusesOf(gateway, first)).toEqual([503, 503]);
  // Those on their way are taken by nobody.
  expect(megabytes).toBeLessThan(20);
});

test('an issuer that is not there at the start keeps no gateway from starting', async () => {
  const issuer = await startIssuer(first);
  await issuer.stop();
  const gateway = await open(issuer);
  expect(gateway.said()).toEqual([AWAY]);
  expect(await statusesOf(gateway, first)).toEqual([503, 503]);
  const apiKey = { 'content-type': 'application/json', 'x-api-key': shop.key };
  const byApiKey = await gateway.send('/graphql', {
    method: 'POST',
    headers: apiKey,
    body: '{"query":"{ __typename }"}',
  });
  expect(byApiKey.status).toBe(200);
});

test('tokens that cannot be verified for lack of keys are no failures', async () => {
  const issuer = await startIssuer(first);
  const good = issuer.answer;
  issuer.answer = (response) => response.destroy();
  const { verifyToken } = await openVerifier({ keySetUrl: issuer.keySetUrl }, REQUEST_DEADLINE);
  const gateway = await createTestGateway(database, { verifyToken, authFailureLimit: 1, clock: () => 0 });
  expect(await statusesOf(gateway, first)).toEqual([503, 503]);
  issuer.answer = good;
  pass(1_001);
  expect(await statusesOf(gateway, first)).toEqual([200, 201]);
});

test.each<[string, object]>([
  ['a private key', { ...first.key.export({ format: 'jwk' }), kid: first.kid }],
  ['a key for encryption', { ...first.jwk, use: 'enc' }],
  ['a key for another algorithm', { ...first.jwk, alg: 'ES384' }],
  ['a key that is none', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: first.kid }],
  ['a secret', { kty: 'oct', k: 'c2VjcmV0', kid: first.kid }],
])('a token whose key is published as %s is 401', async (_, jwk) => {
  const issuer = await startIssuer();
  issuer.publish({ jwk });
  expect(await statusesOf(await open(issuer), first)).toEqual([401, 401]);
});
