import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type DocumentNode, parse, validate } from 'graphql';
import { z } from 'zod';
import { OperatorError, reasonOf } from '../operator-error.ts';
import { schema } from '../schema/index.ts';

/** Documents by the SHA-256 of their text, in hexadecimal digits. */
export type DocumentList = ReadonlyMap<string, DocumentNode>;

const texts = z.record(z.string(), z.string());

/** The hash in an id, which may have a prefix that names its kind: sha256:2c26b4… */
export const hashIn = (id: string): string => id.replace(/^sha256:/, '');

// The message of JSON.parse would quote a file that may be another than the one that was meant.
function readTexts(json: string): Record<string, string> {
  try {
    return texts.parse(JSON.parse(json));
  } catch {
    throw new OperatorError(
      'The file at PERSISTED_OPERATIONS must hold a JSON object with the text of each document by its SHA-256',
    );
  }
}

function checkDocument(id: string, text: string): DocumentNode {
  const hash = createHash('sha256').update(text).digest('hex');
  if (hashIn(id) !== hash) throw new Error(`is not the SHA-256 of its document, ${hash}`);
  const document = parse(text);
  const faults = validate(schema, document);
  if (faults.length > 0) throw new AggregateError(faults);
  return document;
}

/**
 * Reads the documents that a gateway trusts from a JSON file, `{"<SHA-256>": "query …"}`. Fails with an
 * OperatorError when the file cannot be read, or that lists each document that does not have the hash it is
 * listed by, has a syntax error or does not fit the schema.
 */
export async function readDocumentList(path: string): Promise<DocumentList> {
  const json = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new OperatorError(`The file at PERSISTED_OPERATIONS cannot be read: ${reasonOf(error)}`);
  });
  const documents = new Map<string, DocumentNode>();
  const problems: string[] = [];
  for (const [id, text] of Object.entries(readTexts(json))) {
    try {
      documents.set(hashIn(id), checkDocument(id, text));
    } catch (error) {
      problems.push(`  ${id} ${reasonOf(error)}`);
    }
  }
  if (problems.length === 0) return documents;
  throw new OperatorError(['The documents at PERSISTED_OPERATIONS are wrong:', ...problems].join('\n'));
}
