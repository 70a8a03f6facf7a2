/** The part of the gateway's schema that the benchmark uses, in the schema language that Mercurius takes. */
export const schema = `
  scalar DateTime

  interface Error {
    code: String!
    message: String!
  }

  type FieldError {
    path: [String!]!
    code: String!
    message: String!
  }

  type InvalidInputError implements Error {
    code: String!
    message: String!
    fields: [FieldError!]!
  }

  type CustomerNotFoundError implements Error {
    code: String!
    message: String!
  }

  type AssigneeNotFoundError implements Error {
    code: String!
    message: String!
  }

  type Ticket {
    id: ID!
    customerId: Int!
    channel: String!
    name: String
    threadId: String
    emailUsed: String
    date: DateTime!
    lastMessage: String
    lastMessageTime: DateTime!
    contactReason: String
    assignedTo: Int
    isOpenedTicket: Boolean!
    unreadChatCount: Int!
    tags: [String!]!
    languageCode: String
    via: String
  }

  type CreateTicketSuccess {
    ticket: Ticket!
    replayed: Boolean!
  }

  union CreateTicketResult =
    CreateTicketSuccess | InvalidInputError | CustomerNotFoundError | AssigneeNotFoundError

  input CreateTicketInput {
    customerId: Int!
    channel: String!
    name: String
    threadId: String
    emailUsed: String
    date: DateTime
    lastMessage: String
    lastMessageTime: DateTime
    contactReason: String
    assignedTo: Int
    isOpenedTicket: Boolean = false
    unreadChatCount: Int = 0
    tags: [String!] = []
    languageCode: String
    via: String
  }

  type Query {
    shopDomain: String!
  }

  type Mutation {
    createTicket(input: CreateTicketInput!): CreateTicketResult!
  }
`;
