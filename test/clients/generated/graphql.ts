/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** The content of a new ticket. Its shop is that of the credential. A field that is null is one that is left out. */
export type CreateTicketInput = {
  /** Number of an agent of the shop to assign the ticket to. */
  assignedTo?: number | null | undefined;
  /** How the customer wrote, such as Mail, Website, Facebook, Instagram or Helpwave. At most 64 characters. */
  channel: string;
  /** Why the customer wrote. At most 255 characters. */
  contactReason?: string | null | undefined;
  /** Number of a customer of the shop. */
  customerId: number;
  /** When the conversation took place; now by default. */
  date?: string | null | undefined;
  /** E-mail address used for the conversation. At most 320 characters. */
  emailUsed?: string | null | undefined;
  /** Makes the request safe to repeat: with the same key and input, the same ticket is answered, however often and however late. One key space for each shop and both doors. 1 to 255 printable ASCII characters. */
  idempotencyKey?: string | null | undefined;
  /** Whether to open a human ticket; false by default. */
  isOpenedTicket?: boolean | null | undefined;
  /** Language, such as en. At most 35 characters. */
  languageCode?: string | null | undefined;
  /** First or latest message. At most 65,536 characters. */
  lastMessage?: string | null | undefined;
  /** When lastMessage was written; now by default. */
  lastMessageTime?: string | null | undefined;
  /** Name or subject of the conversation. At most 998 characters. */
  name?: string | null | undefined;
  /** Labels, at most 100 of 255 characters each; none by default. */
  tags?: Array<string> | null | undefined;
  /** Thread of an e-mail conversation. At most 998 characters. */
  threadId?: string | null | undefined;
  /** How many messages nobody has read yet; 0 by default. */
  unreadChatCount?: number | null | undefined;
  /** What the ticket comes through, such as api. At most 255 characters. */
  via?: string | null | undefined;
};

/** Why a request failed: `code` of an expected failure, or `extensions.code` of an error. Stable: programs may depend on it. Errors of the document and its variables come with HTTP status 200 to a client that accepts only application/json. */
export type ErrorCode =
  /** The shop has no agent with this id. An outcome of `createTicket`, with HTTP status 200. */
  | 'ASSIGNEE_NOT_FOUND'
  /** The HTTP request itself is malformed, or carries several credentials. HTTP status 400. */
  | 'BAD_REQUEST'
  /** The GraphQL parameters or variables do not fit the operation. HTTP status 400. */
  | 'BAD_USER_INPUT'
  /** The shop has no customer with this id. An outcome of `createTicket`, with HTTP status 200. */
  | 'CUSTOMER_NOT_FOUND'
  /** The gateway runs trusted documents only, and the GraphQL document is none of them. HTTP status 400. */
  | 'DOCUMENT_NOT_TRUSTED'
  /** The GraphQL document exceeds a limit of its size, depth, aliases, directives, cost, or the texts of its tickets. HTTP status 400. */
  | 'DOCUMENT_TOO_COMPLEX'
  /** The credential lacks the scope that the operation needs. HTTP status 403. */
  | 'FORBIDDEN'
  /** The GraphQL document has a syntax error. HTTP status 400. */
  | 'GRAPHQL_PARSE_FAILED'
  /** The GraphQL document does not fit the schema. HTTP status 400. */
  | 'GRAPHQL_VALIDATION_FAILED'
  /** The idempotency key was used before, with other input. An outcome of `createTicket`, with HTTP status 200. */
  | 'IDEMPOTENCY_CONFLICT'
  /** An unexpected fault, logged under the request id. HTTP status 500. */
  | 'INTERNAL_SERVER_ERROR'
  /** The API key is unknown, expired or revoked. HTTP status 401. */
  | 'INVALID_API_KEY'
  /** A field is missing or bad; every bad field is named. An outcome of `createTicket`, with HTTP status 200. */
  | 'INVALID_INPUT'
  /** The body is not a JSON object in UTF-8. HTTP status 400. */
  | 'INVALID_JSON'
  /** The token has expired, is not signed as it must be, or is not for this gateway. HTTP status 401. */
  | 'INVALID_TOKEN'
  /** The path does not take this method; see the Allow header. HTTP status 405. */
  | 'METHOD_NOT_ALLOWED'
  /** The request carries no API key. HTTP status 401. */
  | 'MISSING_API_KEY'
  /** Nothing is served at this path. HTTP status 404. */
  | 'NOT_FOUND'
  /** The body exceeds its limits: 512 KiB and 10,000 values. HTTP status 413. */
  | 'PAYLOAD_TOO_LARGE'
  /** The credential creates tickets too fast, or the address sends too many invalid ones. HTTP status 429. */
  | 'RATE_LIMITED'
  /** The credential's shop has been closed, or is not there. HTTP status 404. */
  | 'SHOP_NOT_FOUND'
  /** The gateway cannot serve at the moment; try again later. HTTP status 503. */
  | 'UNAVAILABLE'
  /** The body is not sent as application/json, or it is compressed. HTTP status 415. */
  | 'UNSUPPORTED_MEDIA_TYPE';

/** What is wrong with one field. Stable: programs may depend on it. */
export type FieldErrorCode =
  /** The text is not an ISO 8601 date that exists. */
  | 'INVALID_DATE'
  /** The text holds characters that the field cannot hold, such as NUL or half of a surrogate pair. */
  | 'INVALID_TEXT'
  /** The value is of another type than the field. */
  | 'INVALID_TYPE'
  /** The number is below or above what the field takes. */
  | 'OUT_OF_RANGE'
  /** The field is missing or blank. */
  | 'REQUIRED'
  /** The text or the list is longer than the field takes. */
  | 'TOO_LONG';

/** How far people are with a ticket. */
export type HumanTicketStatus =
  /** Done. */
  | 'CLOSED'
  /** Waiting for people, or being worked on. */
  | 'OPEN';

export type CreateTicketMutationVariables = Exact<{
  input: CreateTicketInput;
}>;


export type CreateTicketMutation = { createTicket:
    | { __typename: 'AssigneeNotFoundError', code: ErrorCode, message: string }
    | { __typename: 'CreateTicketSuccess', replayed: boolean, ticket: { id: string } }
    | { __typename: 'CustomerNotFoundError', code: ErrorCode, message: string }
    | { __typename: 'IdempotencyConflictError', ticketId: string, code: ErrorCode, message: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string, fields: Array<{ path: Array<string>, code: FieldErrorCode, message: string }> }
   };

export type ReadTicketQueryVariables = Exact<{
  id: string;
}>;


export type ReadTicketQuery = { ticket: { id: string, channel: string, name: string | null, date: string, tags: Array<string>, customer: { id: number, email: string | null }, humanTicket: { status: HumanTicketStatus } | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const CreateTicketDocument = new TypedDocumentString(`
    mutation CreateTicket($input: CreateTicketInput!) {
  createTicket(input: $input) {
    __typename
    ... on CreateTicketSuccess {
      replayed
      ticket {
        id
      }
    }
    ... on InvalidInputError {
      fields {
        path
        code
        message
      }
    }
    ... on IdempotencyConflictError {
      ticketId
    }
    ... on Error {
      code
      message
    }
  }
}
    `, {"hash":"sha256:6fe3a357747f53d4d5b8ffa4b6bf8d6ce4fa28a2b926268c1b1091796ea75ee5"}) as unknown as TypedDocumentString<CreateTicketMutation, CreateTicketMutationVariables>;
export const ReadTicketDocument = new TypedDocumentString(`
    query ReadTicket($id: BigInt!) {
  ticket(id: $id) {
    id
    channel
    name
    date
    tags
    customer {
      id
      email
    }
    humanTicket {
      status
    }
  }
}
    `, {"hash":"sha256:1dedd8540ee9f1061267078e47342d0b113ea3f6e4c8b92c5e385d690598c18e"}) as unknown as TypedDocumentString<ReadTicketQuery, ReadTicketQueryVariables>;