import { readFile } from 'node:fs/promises';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../src/openapi/document.ts';
import { OPENAPI_PATH, printOpenApi } from './contract/open-api.ts';
import { startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();

test('the document that is served is the one that is checked in; `npm run contract` rewrites it', async () => {
  const checkedIn = await readFile(OPENAPI_PATH, 'utf8');
  expect(checkedIn).toBe(await printOpenApi());
  const answer = await gateway.send('/api/v1/openapi.json');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.body).toEqual(JSON.parse(checkedIn));
});

describe('the linter', async () => {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      'no-invalid-media-type-examples': 'error',
      'no-invalid-parameter-examples': 'error',
      'no-invalid-schema-examples': 'error',
    },
  });
  const lint = async (document: object) => {
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
  };

  test('finds nothing to say about the document', async () => {
    expect(await lint(openApiDocument)).toEqual([]);
  });

  test('would say so when an example did not fit its schema', async () => {
    const { components, ...document } = structuredClone(openApiDocument);
    const Ticket = { ...components.schemas.Ticket, properties: { id: { type: 'integer' } } };
    const changed = {
      ...document,
      components: { ...components, schemas: { ...components.schemas, Ticket } },
    };
    expect(await lint(changed)).toContainEqual(expect.stringContaining('no-invalid-media-type-examples'));
  });
});
