import { openApiDocument } from '../../src/openapi/document.ts';
import { formatted } from '../helpers/formatted.ts';

/** Where the OpenAPI document is checked in. */
export const OPENAPI_PATH = 'test/contract/openapi.json';

/** The OpenAPI document as it is checked in. */
export const printOpenApi = (): Promise<string> => formatted(OPENAPI_PATH, JSON.stringify(openApiDocument));
