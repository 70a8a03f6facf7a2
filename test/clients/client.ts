import type { TypedDocumentString } from './generated/graphql.ts';

/** A failure that is no outcome of the operation, such as a bad key; names its code. */
class RequestFailure extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** A generated document, whatever it asks for. */
interface AnyDocument {
  toString(): string;
  readonly __meta__?: Readonly<Record<string, string>> | undefined;
}

type Naming = (document: AnyDocument) => object;

/** Sends a document itself. */
export const byText: Naming = (document) => ({ query: document.toString() });

/** Sends the id of a trusted document, as the draft of GraphQL over HTTP has it. */
export const byDocumentId: Naming = ({ __meta__ }) => ({ documentId: __meta__?.hash });

/** Sends the hash of a trusted document, as Apollo's clients do. */
export const byExtension: Naming = ({ __meta__ }) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: __meta__?.hash?.replace('sha256:', '') } },
});

interface Answer<Data> {
  readonly data?: Data;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

/** Runs a document: its variables and its result have the types that were generated for it. */
export type Run = <Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
) => Promise<Data>;

/** A client of a gateway's GraphQL door, as a frontend would have one: fetch, and the generated types. */
export function createClient(url: string, key: string, name: Naming): Run {
  return async <Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ ...name(document), variables }),
    });
    const { data, errors: [failure] = [] }: Answer<Data> = await response.json();
    if (failure) throw new RequestFailure(failure.message, failure.extensions.code);
    if (!data) throw new Error(`The answer has no data; its status is ${response.status}`);
    return data;
  };
}
