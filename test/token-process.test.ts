import { beforeAll, expect, test } from 'vitest';
import type { DemoShop } from '../src/shops/demo-shop.ts';
import { prepareCommandLine } from './helpers/process.ts';
import type { StartedProcess } from './helpers/start-process.ts';
import { AUDIENCE, claimsFor, ISSUER, signToken } from './helpers/tokens.ts';

const commandLine = await prepareCommandLine();
const secret = 'a secret of thirty-two bytes or more';
let demo: DemoShop;
let server: StartedProcess;
let url: string;

beforeAll(async () => {
  demo = JSON.parse((await commandLine.run(['seed', '--json'])).stdout);
});

beforeAll(async () => {
  server = commandLine.start(['serve'], {
    LOG_FORMAT: 'json',
    JWT_SECRET: secret,
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
    JWT_SHOP_CLAIM: 'https://tickets.example/shop',
    CORS_ORIGINS: 'https://app.example',
  });
  const [line] = await server.waitFor(/.*"listening".*\n/);
  url = JSON.parse(line).graphql;
});

test('a gateway that is started with a secret takes the tokens that it signs, from the origins that it is given', async () => {
  const { domain } = demo.shop;
  const claims = claimsFor(demo.shop, { shop: undefined, 'https://tickets.example/shop': domain });
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: 'https://app.example',
      authorization: `Bearer ${signToken(claims, { alg: 'HS256', key: secret })}`,
    },
    body: '{"query":"{ shop { domain } }"}',
  });
  expect(await response.json()).toEqual({ data: { shop: { domain } } });
  expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
  const { exitCode, stdout, stderr } = await server.end('SIGTERM');
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain(secret);
});
