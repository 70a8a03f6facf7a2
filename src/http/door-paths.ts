/** Where the GraphQL door is. */
export const GRAPHQL_PATH = '/graphql';

/** Where the REST v1 door is. */
export const TICKETS_PATH = '/api/v1/tickets';
