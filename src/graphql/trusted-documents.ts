import {
  defaultExtractPersistedOperationId,
  type ExtractPersistedOperationId,
  usePersistedOperations,
} from '@graphql-yoga/plugin-persisted-operations';
import type { Plugin } from 'graphql-yoga';
import { GatewayError } from '../errors.ts';
import { hashIn, readDocumentList } from './document-list.ts';

// The draft of GraphQL over HTTP has the parameter documentId, Apollo's protocol an extension.
const readHash: ExtractPersistedOperationId = (params, request, context) => {
  const id =
    ('documentId' in params && params.documentId) ||
    defaultExtractPersistedOperationId(params, request, context);
  return typeof id === 'string' ? hashIn(id) : null;
};

const refusals = {
  persistedQueryOnly: () =>
    new GatewayError('DOCUMENT_NOT_TRUSTED', 'Only trusted documents are run; send the hash of one'),
  notFound: () => new GatewayError('DOCUMENT_NOT_TRUSTED', 'No trusted document has this hash'),
  keyNotFound: () =>
    new GatewayError(
      'BAD_USER_INPUT',
      'Must provide the hash of a trusted document, as documentId or in extensions.persistedQuery',
    ),
};

/**
 * Makes a gateway run the documents of a list and no others; requests name them by their SHA-256. Reads the list
 * from a file, once. Fails with an OperatorError that tells all that is wrong with it.
 */
export async function loadTrustedDocuments(path: string): Promise<Plugin> {
  const documents = await readDocumentList(path);
  return usePersistedOperations({
    extractPersistedOperationId: readHash,
    // Parsed already, so that neither the parser nor Yoga's memory of texts is asked for them.
    getPersistedOperation: (hash) => documents.get(hash) ?? null,
    customErrors: refusals,
  });
}
