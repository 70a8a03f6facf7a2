import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { expect, test, vi } from 'vitest';
import { startGateway } from './helpers/gateway.ts';

vi.mock(import('@graphql-yoga/render-graphiql'), async (original) => {
  const { renderGraphiQL: render } = await original();
  return { renderGraphiQL: vi.fn(render) };
});

test('GraphiQL that could not be rendered is a masked 500 in the log, and shown the next time', async () => {
  const gateway = await startGateway();
  vi.mocked(renderGraphiQL).mockImplementationOnce(() => {
    throw new Error('The page cannot be rendered');
  });
  const open = () => gateway.send('/graphql', { headers: { accept: 'text/html', 'x-request-id': 'test' } });
  const failed = await open();
  expect([failed.status, failed.body]).toEqual([
    500,
    {
      errors: [
        { message: 'Unexpected error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'test' } },
      ],
    },
  ]);
  expect(gateway.log).toMatchObject([
    { msg: 'unexpected error', requestId: 'test', err: { message: 'The page cannot be rendered' } },
    { msg: 'request', requestId: 'test', status: 500 },
  ]);
  expect(await open()).toMatchObject({ status: 200, body: expect.stringContaining('GraphiQL') });
});
