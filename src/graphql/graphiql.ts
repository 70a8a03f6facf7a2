import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Answer } from '../http/answer.ts';
import type { Arrival } from '../http/arrival.ts';
import { GRAPHQL_PATH } from '../http/door-paths.ts';
import { madeOnce } from '../http/made-once.ts';
import type { DemoShop } from '../shops/demo-shop.ts';

const compress = promisify(gzip);
const expand = promisify(gunzip);

interface PreparedPage {
  readonly compressed: Answer;
  /** The same for whoever takes no gzip, which browsers do; made when first asked for, and shared from then on. */
  plain(): Promise<Answer>;
}

// Loaded when first asked for, rendered once, and kept as the quarter of its 9 MB that browsers take. As bytes, so that
// all who load it at once share them, even who never takes them.
async function preparePage(demo: DemoShop | undefined): Promise<PreparedPage> {
  const { renderGraphiQLPage } = await import('./graphiql-page.ts');
  const { html, policy } = renderGraphiQLPage(demo);
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    vary: 'accept, accept-encoding',
  };
  const body = await compress(html);
  return {
    compressed: { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body },
    plain: madeOnce(async () => ({ status: 200, headers, body: await expand(body) })),
  };
}

const takesGzip = (acceptEncoding = ''): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(acceptEncoding);

/** Shows GraphiQL to a browser; undefined when something else is asked for. */
export type ShowGraphiQL = (arrival: Arrival, headers: IncomingHttpHeaders) => Promise<Answer> | undefined;

/**
 * Shows GraphiQL to a browser that opens /graphql. The page needs no key; what it sends does. With a demo shop it
 * opens on that shop's customer, agent and public key.
 */
export function createGraphiQL(demo: DemoShop | undefined): ShowGraphiQL {
  const page = madeOnce(() => preparePage(demo));
  return ({ path, method }, headers) => {
    if (path !== GRAPHQL_PATH || method !== 'GET' || !headers.accept?.includes('text/html')) return undefined;
    return page().then(({ compressed, plain }) =>
      takesGzip(headers['accept-encoding']) ? compressed : plain(),
    );
  };
}
