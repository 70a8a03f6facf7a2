import type { Answer } from '../http/answer.ts';
import { GRAPHQL_PATH, TICKETS_PATH } from '../http/door-paths.ts';
import { credentials } from '../openapi/credentials.ts';
import { openApiDocument } from '../openapi/document.ts';
import { bodies } from '../openapi/examples.ts';
import { curl, ORIGIN } from './curl.ts';
import { graphqlChapter } from './graphql-chapter.ts';
import { rendererOptions } from './renderer-options.ts';

/** What the page depends on. */
export interface PageOptions {
  /** Whether clients can read the schema; then the page shows it, too. */
  readonly introspection: boolean;
  /** Given where only listed documents are run; then the page shows none that is to be sent as a text. */
  readonly trustedDocuments?: unknown;
}

// Nothing but the renderer may run, and it may load and send nothing. It sets styles as it goes.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const introduction = `
One desk, two doors: **GraphQL** at \`${GRAPHQL_PATH}\` and **REST v1** at \`${TICKETS_PATH}\`. Both create tickets by the
same rules, and take the same credentials:

- \`${credentials.apiKey.name}\`: ${credentials.apiKey.description}
- \`Authorization: Bearer …\`: ${credentials.bearer.description}

Every answer has an \`x-request-id\`, by which its request is found in the log.
`;

/** The REST door's contract as the page shows it: with a chapter on GraphQL, and a curl. */
function contractOf({ introspection, trustedDocuments }: PageOptions): object {
  const { info, paths, ...rest } = openApiDocument;
  const { post } = paths[TICKETS_PATH];
  const source = curl(`${ORIGIN}${TICKETS_PATH}`, 'YOUR_KEY', bodies.documented.value, 2);
  return {
    ...rest,
    info: {
      title: 'Ticket gateway',
      version: info.version,
      description: `${introduction}\n${info.description}`,
    },
    tags: [
      {
        name: 'Tickets',
        'x-displayName': 'REST v1',
        description: `As [OpenAPI](/api/v1/openapi.json): \`${ORIGIN}/api/v1/openapi.json\``,
      },
      {
        name: 'GraphQL',
        'x-traitTag': true,
        description: graphqlChapter(ORIGIN, introspection, trustedDocuments !== undefined),
      },
    ],
    paths: {
      [TICKETS_PATH]: {
        post: { ...post, 'x-codeSamples': [{ lang: 'Shell', label: 'curl', source }] },
      },
    },
  };
}

/** The page: the contract, and the renderer's script that shows it. */
export function renderPage(options: PageOptions): Answer {
  const contract = JSON.stringify({ contract: contractOf(options), options: rendererOptions });
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ticket gateway: reference</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 }</style>
</head>
<body>
<main id="reference"><noscript>This page needs JavaScript. The REST door is also described in
<a href="/api/v1/openapi.json">OpenAPI</a>.</noscript></main>
<script type="application/json" id="contract">${contract.replaceAll('<', '\\u003c')}</script>
<script src="/docs/renderer.js"></script>
</body>
</html>
`;
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    body: Buffer.from(html),
  };
}
