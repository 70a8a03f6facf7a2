import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as graphiql from '@graphql-yoga/render-graphiql/graphiql';
import type { DemoShop } from '../shops/demo-shop.ts';
import { exampleHeaders, exampleTabs } from './graphiql-examples.ts';

/** A page with the policy that lets it do what it needs to, and nothing else. */
export interface Page {
  readonly html: string;
  /** Its Content-Security-Policy. */
  readonly policy: string;
}

const PACKAGE = '@graphql-yoga/render-graphiql/graphiql';

// 9 MB of texts, which an ES module could never let go of.
function loadGraphiQL(): typeof graphiql {
  const require = createRequire(import.meta.url);
  const path = require.resolve(PACKAGE);
  const loaded = require(path);
  delete require.cache[path];
  return loaded;
}

const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

// GraphiQL keeps tabs in the browser's storage. Unless it is told what the active one holds, it opens another on a
// reload; and by itself it writes the document into the page's URL, whence histories and logs have it.
const START = `
  const asked = new URLSearchParams(location.search);
  const linked = asked.has('query') && { query: asked.get('query'), variables: asked.get('variables') ?? '' };
  function remembered() {
    try {
      const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState'));
      return tabs[activeTabIndex];
    } catch {
      return undefined;
    }
  }
  const tabs = linked ? [linked, ...examples] : examples;
  const { query, variables } = linked || remembered() || tabs[0];
  YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
    ...options,
    defaultTabs: tabs,
    query: query ?? '',
    variables: variables ?? '',
    onEditQuery() {},
  });
`;

// Nothing but the page's own script may run, and it may talk to nobody but this gateway. The editor makes its
// workers of texts in that script, and sets styles as it goes.
const policyFor = (script: string): string =>
  [
    "default-src 'none'",
    `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/**
 * Renders GraphiQL with the examples. Everything that it needs stands in the page, which weighs 9 MB. With the
 * demo shop its public key stands there, too; without it no key does.
 */
export function renderGraphiQLPage(demo: DemoShop | undefined): Page {
  const { css, editorWorkerService, favicon, graphqlWorker, js, jsonWorker } = loadGraphiQL();
  const options = {
    title: 'Ticket gateway',
    // Of a new tab, and of one that is opened again: the browser keeps the documents, but no keys.
    headers: exampleHeaders(demo),
    shouldPersistHeaders: false,
    // What is still to be filled in is what is seen first.
    defaultEditorToolsVisibility: demo ? 'variables' : 'headers',
  };
  const script = `
    const workers = ${inScript({ editorWorkerService, json: jsonWorker, graphql: graphqlWorker })};
    const addressOf = (text) => URL.createObjectURL(new Blob([text], { type: 'application/javascript' }));
    self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => addressOf(workers[label]) };
    ${js};
    const options = ${inScript(options)};
    const examples = ${inScript(exampleTabs(demo))};
    ${START}`;
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Ticket gateway: GraphiQL</title>
    <link rel="icon" href="${favicon}">
    <style>${css}</style>
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript. The same API can be read in schema.graphql.</noscript>
    <div id="root"></div>
    <script>${script}</script>
  </body>
</html>
`;
  return { html, policy: policyFor(script) };
}
