import { describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

const JWT_JWKS_URL = 'https://login.example/jwks.json';
const JWT_SECRET = 'x'.repeat(32);
const JWT_ISSUER = 'https://login.example/';
const JWT_AUDIENCE = 'https://tickets.example';
const parties = { JWT_ISSUER, JWT_AUDIENCE };
const claims = { shop: 'shop', scope: 'scope', agent: 'agent' };

test('no tokens are taken by default', () => {
  expect(readConfig({}).tokens).toBeUndefined();
});

test('tokens are verified with published keys, or with a secret', () => {
  const read = { issuer: JWT_ISSUER, audience: JWT_AUDIENCE, claims };
  expect(readConfig({ ...parties, JWT_JWKS_URL }).tokens).toEqual({
    signedWith: { keySetUrl: new URL(JWT_JWKS_URL) },
    ...read,
  });
  expect(readConfig({ ...parties, JWT_SECRET }).tokens).toEqual({
    signedWith: { secret: JWT_SECRET },
    ...read,
  });
});

test('claims may have names that an issuer can give', () => {
  const names = {
    JWT_SHOP_CLAIM: 'https://tickets.example/shop',
    JWT_SCOPE_CLAIM: 'scp',
    JWT_AGENT_CLAIM: 'custom:agent',
  };
  expect(readConfig({ ...parties, ...names, JWT_SECRET }).tokens?.claims).toEqual({
    shop: 'https://tickets.example/shop',
    scope: 'scp',
    agent: 'custom:agent',
  });
});

describe('a start is refused', () => {
  const needs = 'must be set beside JWT_JWKS_URL or JWT_SECRET';
  const alone = 'must be set only beside JWT_JWKS_URL or JWT_SECRET';
  const url = 'JWT_JWKS_URL must be an https URL, without a password; http only for this machine';
  const name = 'must be the name of a claim, in ASCII without spaces and quotes';
  test.each<[string, NodeJS.ProcessEnv, readonly string[]]>([
    ['without issuer and audience', { JWT_JWKS_URL }, [`JWT_ISSUER ${needs}`, `JWT_AUDIENCE ${needs}`]],
    ['without audience', { JWT_SECRET, JWT_ISSUER }, [`JWT_AUDIENCE ${needs}`]],
    ['with a blank audience', { JWT_SECRET, JWT_ISSUER, JWT_AUDIENCE: ' ' }, [`JWT_AUDIENCE ${needs}`]],
    ['without keys and secret', parties, [`JWT_ISSUER ${alone}`, `JWT_AUDIENCE ${alone}`]],
    [
      'with keys and a secret',
      { ...parties, JWT_JWKS_URL, JWT_SECRET },
      ['JWT_SECRET must not be set beside JWT_JWKS_URL'],
    ],
    [
      'with a short secret',
      { ...parties, JWT_SECRET: 'x'.repeat(31) },
      ['JWT_SECRET must have at least 32 bytes'],
    ],
    [
      'with keys that come in the clear',
      { ...parties, JWT_JWKS_URL: 'http://login.example/jwks.json' },
      [url],
    ],
    ['with keys behind a password', { ...parties, JWT_JWKS_URL: 'https://a:b@login.example/' }, [url]],
    ['with keys in a file', { ...parties, JWT_JWKS_URL: 'file:///jwks.json' }, [url]],
    ['with no URL', { ...parties, JWT_JWKS_URL: 'login.example' }, [url]],
    [
      'with the names of claims that cannot be told in a header',
      { ...parties, JWT_SECRET, JWT_SHOP_CLAIM: 'the shop', JWT_SCOPE_CLAIM: '"', JWT_AGENT_CLAIM: 'ü' },
      [`JWT_SHOP_CLAIM ${name}`, `JWT_SCOPE_CLAIM ${name}`, `JWT_AGENT_CLAIM ${name}`],
    ],
    [
      'with other bad settings, and all are told',
      { PORT: 'x', JWT_JWKS_URL: 'login.example' },
      ['PORT must be a whole number from 0 to 65535', url, `JWT_ISSUER ${needs}`, `JWT_AUDIENCE ${needs}`],
    ],
  ])('%s', (_, environment, problems) => {
    const text = ['The configuration is wrong:', ...problems.map((problem) => `  ${problem}`)].join('\n');
    expect(() => readConfig(environment)).toThrow(text);
  });
});

test.each(['http://localhost:8080/jwks', 'http://127.0.0.1/jwks', 'http://[::1]:8080/jwks'])(
  'the keys may come from %s, which is this machine',
  (url) => {
    expect(readConfig({ ...parties, JWT_JWKS_URL: url }).tokens?.signedWith).toEqual({
      keySetUrl: new URL(url),
    });
  },
);
