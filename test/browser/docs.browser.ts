import { describe, expect, test } from 'vitest';
import { blameless, conduct, launchChromium, visit } from './chromium.ts';
import { startGatewayProcess } from './gateway.ts';

const [gateway, browser] = await Promise.all([startGatewayProcess(), launchChromium()]);

describe.each([1280, 800])('in a window of %i pixels', (width) => {
  test('/ leads to the reference of both doors, with the fields and a curl for each', async () => {
    const visited = await visit(browser, gateway.origin, width);
    const { page } = visited;
    await page.getByRole('heading', { name: 'Ticket gateway' }).first().waitFor();
    expect(page.url()).toBe(`${gateway.origin}/docs`);
    await visited.screenshot('docs-opened');

    const graphql = page.getByRole('heading', { name: 'GraphQL' }).first();
    await graphql.scrollIntoViewIfNeeded();
    await page.getByText(`curl -s ${gateway.origin}/graphql`).first().waitFor();
    await visited.screenshot('docs-graphql');

    const field = page.getByText('customerId', { exact: true }).first();
    await field.scrollIntoViewIfNeeded();
    await page.getByText('Number of a customer of the shop').first().waitFor();
    await page.getByText('/api/v1/tickets').first().waitFor();
    await visited.screenshot('docs-rest');
    expect(conduct(visited)).toEqual(blameless);
  });
});
