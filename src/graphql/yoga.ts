import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { RequestContext } from '../context.ts';
import { schema } from '../schema/index.ts';
import { createDocumentCaches } from './document-cache.ts';
import { type DocumentLimits, useDocumentLimits } from './document-limits.ts';
import { useExecution } from './execution.ts';
import { useNoIntrospection } from './introspection.ts';
import { useValidation } from './validation.ts';

/** What can be set about how GraphQL documents are treated. */
export interface YogaOptions {
  /** What a GraphQL document may have at most. */
  readonly documentLimits: DocumentLimits;
  /** Whether clients can read the schema. */
  readonly introspection: boolean;
  /** Runs the documents of a list and no others, see trusted-documents.ts; by default any that keeps the limits is. */
  readonly trustedDocuments?: Plugin | undefined;
}

/** What executes GraphQL documents. */
export interface DocumentServer {
  readonly yoga: YogaServerInstance<RequestContext, object>;
  /** Whether a text was parsed and validated before, or needs neither. */
  isKnown(text: unknown): boolean;
}

/** Puts together what a GraphQL document meets, from its text to its result. */
export function createDocumentServer(options: YogaOptions): DocumentServer {
  const caches = createDocumentCaches();
  const { documentCache, errorCache } = caches;
  const yoga = createYoga<RequestContext>({
    schema,

    // In the order in which a document meets them.
    plugins: [
      // The limits are for documents of strangers.
      options.trustedDocuments ?? useDocumentLimits(options.documentLimits),
      useValidation(),
      !options.introspection && useNoIntrospection(),
      useExecution(),
    ],

    parserAndValidationCache: caches,

    // Errors are told by the door, which knows the request's id; the log is written around both doors.
    maskedErrors: false,
    logging: false,

    // HTTP is read and written around both doors, too.
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
    cors: false,
  });
  const isKnown = (text: unknown) =>
    typeof text !== 'string' || documentCache.has(text) || errorCache.has(text);
  return { yoga, isKnown: options.trustedDocuments ? () => true : isKnown };
}
