import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createGateway } from '../src/gateway.ts';
import { createLogger } from '../src/log.ts';
import { listen } from '../src/server.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, startGateway, unlimited } from './helpers/gateway.ts';
import { findLeaks, prepareAudit } from './helpers/log-audit.ts';
import { recordLog } from './helpers/log-record.ts';
import { DATABASE_PASSWORD, MESSAGE } from './helpers/planted-secrets.ts';
import { exchange } from './helpers/sockets.ts';

const { database } = await startGateway();
const shop = await makeShop(database);

afterEach(() => {
  vi.restoreAllMocks();
});

// Whatever anybody takes for the end of a line, and what else moves a terminal's cursor.
const lineEnds = '\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029';
const hostile = `"}${lineEnds}\u001b[2J\u009b1A{"level":60,"msg":"forged"`;

/** Serves the gateway with a log in a format; `lines` are the lines of all that was written. */
async function startLogged(format: 'json' | 'pretty') {
  let written = '';
  const destination = new PassThrough().setEncoding('utf8').on('data', (text: string) => {
    recordLog(text);
    written += text;
  });
  const gateway = createGateway(database, createLogger({ level: 'trace', format, destination }), unlimited);
  const server = await listen(gateway, 0, '127.0.0.1');
  onTestFinished(() => server.drain(1000));
  const lines = () => {
    const text = [...written].map((character) => (lineEnds.includes(character) ? '\n' : character)).join('');
    return text.split('\n').slice(0, -1);
  };
  return { url: server.url, lines };
}

const send = (url: string, path: string, headerLines: readonly string[] = []) => {
  const lines = [`GET ${path} HTTP/1.1`, 'Host: gateway.test', 'Connection: close', ...headerLines];
  return exchange(url, Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
};

describe.each(['json', 'pretty'] as const)('the %s log', (format) => {
  const expected = (message: string) =>
    format === 'json'
      ? expect.stringMatching(new RegExp(`^\\{"level":\\d+,.*,"msg":"${message}"\\}$`))
      : expect.stringMatching(new RegExp(`^\\[[\\d:.]+\\] [A-Z]+: ${message} \\{.*\\}$`));

  test('is one line for a request, whatever its path, query, request id and other headers hold', async () => {
    const { url, lines } = await startLogged(format);
    const requests: (readonly [string, (readonly string[])?])[] = [
      [`/${encodeURIComponent(hostile)}`],
      ['/"},{"level":60,"msg":"forged"}'],
      [`/graphql?query=${encodeURIComponent(hostile)}`],
      [`/${'x'.repeat(8000)}`],
      ['/health', ['X-Request-Id: a\u0085b']],
      ['/health', ['X-Request-Id: a"}b']],
      ['/health', ['User-Agent: \u0085\u009b1A', `Referer: ${encodeURI(hostile)}`]],
    ];
    for (const [path, headerLines] of requests) await send(url, path, headerLines);
    await eventually(() => expect(lines()).toHaveLength(requests.length));
    expect(lines()).toEqual(requests.map(() => expected('request')));
  });

  test('is one line for an unexpected error, whatever its message and its cause hold', async () => {
    const { url, lines } = await startLogged(format);
    const fault = new Error(hostile, { cause: new Error(hostile) });
    vi.spyOn(database.sql, 'query').mockRejectedValue(fault);
    await fetch(`${url}/api/v1/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': shop.key },
      body: JSON.stringify({ customerId: shop.customerId, Channel: 'Mail', lastMessage: MESSAGE }),
    });
    await eventually(() => expect(lines()).toHaveLength(2));
    expect(lines()).toEqual([expected('unexpected error'), expected('request')]);
    expect(lines()[0]).toContain('log.test.ts');
  });

  test('has neither the key nor the message of any request, wherever they stand', async () => {
    const { url, lines } = await startLogged(format);
    const query = encodeURIComponent(`{ shop { name } } # ${MESSAGE}`);
    await send(url, `/graphql?query=${query}&key=${shop.key}`, [`X-Api-Key: ${shop.key}`]);
    await send(url, `/graphql?query=${query}`, [`Authorization: Bearer ${shop.key}`]);
    await send(url, `/graphql?query=${query}`, [`X-Api-Key: ${shop.key}`, `X-Api-Key: ${shop.key}`]);
    await send(url, `/health?${shop.key}`, [`X-Request-Id: ${MESSAGE} ${shop.key}`]);
    await send(url, `/${shop.key}`);
    await send(url, `/graphql/${MESSAGE}`);
    await send(url, '/health', [`X-Request-Id: ${shop.key}`]);
    await eventually(() => expect(lines()).toHaveLength(7));
    expect(lines().filter((line) => line.includes(shop.key) || line.includes(MESSAGE))).toEqual([]);
  });
});

describe('the search of all logs at the end of a run', () => {
  test('finds each planted secret, in whichever file it stands, and nothing else', async () => {
    const { folder, ...audit } = await prepareAudit();
    onTestFinished(() => rm(folder, { recursive: true }));
    await appendFile(join(audit.secrets, 'first'), 'planted-key\n');
    await appendFile(join(audit.secrets, 'second'), 'another-key\n');
    await appendFile(join(audit.logs, 'first'), '{"msg":"harmless"}\n{"key":"planted-key"}\n');
    await appendFile(join(audit.logs, 'second'), `a ${MESSAGE}\nb ${DATABASE_PASSWORD}\nc another-key`);
    expect(await findLeaks(audit)).toEqual([
      '{"key":"planted-key"}',
      `a ${MESSAGE}`,
      `b ${DATABASE_PASSWORD}`,
      'c another-key',
    ]);
  });
});
