import type { Answer } from '../http/answer.ts';
import { openApiDocument } from './document.ts';

/** The OpenAPI document as it is served: bytes, which all who load it at once share. */
export const openApiAnswer = (): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: Buffer.from(JSON.stringify(openApiDocument)),
});
