import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { prepareEmbeddedCommandLine } from '../helpers/process.ts';
import { blameless, conduct, launchChromium, visit } from './chromium.ts';
import { startGatewayProcess } from './gateway.ts';
import { graphiqlScreen } from './graphiql-screen.ts';

const [gateway, browser] = await Promise.all([startGatewayProcess(), launchChromium()]);
// Of a gateway that finds other shops.
const commandLine = await prepareEmbeddedCommandLine();
const url = `${gateway.origin}/graphql`;
const key = gateway.demo?.key ?? 'no demo shop';

const patient = { timeout: 20_000 };
// The browser's own words about an answer of 400, which GraphiQL shows.
const badRequest = 'Failed to load resource: the server responded with a status of 400 (Bad Request)';

const storedIn = (page: Page): Promise<string> => page.evaluate(() => JSON.stringify({ ...localStorage }));
const rememberedTabs = (page: Page): Promise<object[]> =>
  page.evaluate(() => JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}').tabs ?? []);

describe.each([1280, 800])('in a window of %i pixels', (width) => {
  test('the run button creates a ticket, and the second tab reads it back', async () => {
    const visited = await visit(browser, url, width);
    const screen = await graphiqlScreen(visited.page);
    expect(await screen.tabs()).toEqual(['CreateTicket', 'ReadTicket']);
    await visited.screenshot('graphiql-opened');

    await screen.run();
    const [, id = ''] = await screen.waitForAnswer(/"ticket":\{"id":"(\d+)","channel":"Mail"/);
    await screen.waitForAnswer(/"ada@customer.example".*"grace@demo.example".*"status":"OPEN"/);
    await visited.screenshot('graphiql-created');

    await screen.openTab('ReadTicket');
    await screen.writeBelow('Variables', `{ "id": "${id}" }`);
    await screen.run();
    await screen.waitForAnswer(new RegExp(`"data":\\{"ticket":\\{"id":"${id}",.*"Refundrequest"`));
    await visited.screenshot('graphiql-read');
    expect(conduct(visited)).toEqual(blameless);
  });

  test('the docs tell what createTicket does', async () => {
    const visited = await visit(browser, url, width);
    const { page } = visited;
    await graphiqlScreen(page);
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const docs = page.getByRole('region', { name: 'Documentation Explorer' });
    await docs.getByText('x-api-key').first().waitFor();
    await visited.screenshot('graphiql-docs');
    await docs.getByText('Mutation', { exact: true }).click();
    await docs.getByText('createTicket', { exact: true }).click();
    await docs.getByText('Creates a ticket').first().waitFor();
    await visited.screenshot('graphiql-docs-of-createTicket');
    expect(conduct(visited)).toEqual(blameless);
  });

  test('a bad field is shown as data, and a faulty document as an error', async () => {
    const visited = await visit(browser, url, width);
    const screen = await graphiqlScreen(visited.page);
    await screen.writeBelow('Variables', '{ "input": { "customerId": 1, "channel": "" } }');
    await screen.run();
    await screen.waitForAnswer(/"path":\["channel"\],"code":"REQUIRED","message":"channelisrequired"/);
    await visited.screenshot('graphiql-bad-field');
    expect(conduct(visited)).toEqual(blameless);

    await screen.writeDocument('Faulty', 'query Faulty { shop { adress } }');
    await screen.run();
    await screen.waitForAnswer(/Cannotqueryfield.*"code":"GRAPHQL_VALIDATION_FAILED"/);
    await visited.screenshot('graphiql-faulty-document');
    expect(conduct(visited)).toEqual({ ...blameless, consoleErrors: [badRequest] });
  });
});

test('a reload shows the tabs as they were left, and the browser keeps no key', async () => {
  const { page } = await visit(browser, url);
  const screen = await graphiqlScreen(page);
  await screen.openTab('ReadTicket');
  await screen.writeBelow('Variables', '{ "id": "7" }');
  await expect.poll(() => rememberedTabs(page), patient).toMatchObject([{}, { variables: '{ "id": "7" }' }]);
  expect(await storedIn(page)).not.toContain(key);
  expect(page.url()).toBe(url);

  await page.reload();
  const again = await graphiqlScreen(page);
  expect(await again.tabs()).toEqual(['CreateTicket', 'ReadTicket']);
  await again.waitForBelow('Variables', /^\{"id":"7"\}$/);
  await again.waitForBelow('Headers', new RegExp(key));
  await again.run();
  await again.waitForAnswer(/"data":\{"ticket":null\}/);
  await again.openTab('CreateTicket');
  await again.run();
  await again.waitForAnswer(/"ticket":\{"id":"\d+"/);
});

test('after the settings’ “Clear data” a reload shows the examples', async () => {
  const { page } = await visit(browser, url);
  const screen = await graphiqlScreen(page);
  await screen.writeDocument('Which', 'query Which { shop { domain } }');
  await expect.poll(() => rememberedTabs(page), patient).toMatchObject([{ title: 'Which' }, {}]);
  await page.getByRole('button', { name: 'Open settings dialog' }).click();
  await page.getByRole('button', { name: 'Clear data' }).click();
  await page.getByText('Cleared data').waitFor();
  await page.reload();
  const again = await graphiqlScreen(page);
  expect(await again.tabs()).toEqual(['CreateTicket', 'ReadTicket']);
});

test('without the demo shop it shows where the key goes, and needs the schema to be fetched again', async () => {
  const domain = 'own.example';
  await commandLine.run(['shops', 'create', '--domain', domain, '--json']);
  const scopes = 'tickets:write,tickets:read';
  const made = await commandLine.run([
    ...['keys', 'create', '--shop', domain, '--name', 'Explorer', '--scopes', scopes, '--json'],
  ]);
  const own = await startGatewayProcess({}, commandLine);
  expect(own.demo).toBeNull();

  const visited = await visit(browser, `${own.origin}/graphql`, 800);
  const screen = await graphiqlScreen(visited.page);
  await screen.waitForAnswer(/"code":"MISSING_API_KEY"/);
  await visited.screenshot('graphiql-without-key');
  await screen.waitForBelow('Headers', /"x-api-key":""\}$/);

  await screen.writeBelow('Headers', `{ // Mine\n "x-api-key": "${JSON.parse(made.stdout).key}" }`);
  await visited.page.getByRole('button', { name: 'Re-fetch GraphQL schema' }).click();
  await visited.page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await visited.page.getByText('createTicket').first().waitFor();
  await screen.writeDocument('Mine', 'query Mine { shop { domain } }');
  await screen.run();
  await screen.waitForAnswer(/"data":\{"shop":\{"domain":"own.example"\}\}/);
  await visited.screenshot('graphiql-with-key');
  await expect.poll(() => rememberedTabs(visited.page), patient).toMatchObject([{ title: 'Mine' }, {}]);
  expect(await storedIn(visited.page)).not.toContain('tgw_');
});

test('a document in the URL is opened in a tab before the examples', async () => {
  const { page } = await visit(
    browser,
    `${url}?query=${encodeURIComponent('query Which { shop { domain } }')}`,
  );
  const screen = await graphiqlScreen(page);
  expect(await screen.tabs()).toEqual(['Which', 'CreateTicket', 'ReadTicket']);
  await screen.run();
  await screen.waitForAnswer(/"data":\{"shop":\{"domain":"demo.example"\}\}/);
});

test('behind a proxy that serves it at another path it asks at that path', async () => {
  const proxy = createServer((asked, answer) => {
    const path = asked.url?.replace(/^\/desk\//, '/');
    const options = { path, method: asked.method, headers: asked.headers };
    asked.pipe(
      request(gateway.origin, options, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
      }),
    );
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;
  const visited = await visit(browser, `http://127.0.0.1:${port}/desk/graphql`);
  const screen = await graphiqlScreen(visited.page);
  await screen.run();
  await screen.waitForAnswer(/"ticket":\{"id":"\d+"/);
  expect(conduct(visited)).toEqual(blameless);
});

test('without a connection the run says so, and with it goes on', async () => {
  const { page } = await visit(browser, url);
  const screen = await graphiqlScreen(page);
  await page.context().setOffline(true);
  await screen.run();
  await screen.waitForAnswer(/Failedtofetch/);
  await page.context().setOffline(false);
  await screen.run();
  await screen.waitForAnswer(/"ticket":\{"id":"\d+"/);
});

test('a script of somebody else’s is neither run nor loaded, and what a page does is noticed', async () => {
  const visited = await visit(browser, url);
  const { page } = visited;
  await graphiqlScreen(page);
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "run"';
    document.body.append(script);
    document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.example/image.png' }));
  });
  await expect.poll(() => visited.policyViolations, patient).toHaveLength(2);
  expect(visited.policyViolations).toEqual([
    'script-src-elem inline',
    'img-src https://elsewhere.example/image.png',
  ]);
  expect(visited.consoleErrors).toHaveLength(2);
  expect(await page.title()).toBe('Ticket gateway: GraphiQL');

  const unguarded = await visit(browser, `${gateway.origin}/health`);
  await unguarded.page.evaluate(() => fetch('https://elsewhere.example/').catch(() => undefined));
  expect(unguarded.foreignRequests).toEqual(['https://elsewhere.example/']);
});
