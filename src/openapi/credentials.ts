/** The ways to send a credential; each is enough. OpenAPI's security schemes, by their names; the page tells them, too. */
export const credentials = {
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description:
      'The key of a shop. It may do what its scopes allow: creating a ticket needs `tickets:write`.',
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'The same key as a bearer token; or, where the gateway takes sessions, the JSON Web Token of one, which names ' +
      'its shop and its scopes. It is looked at only where `x-api-key` is absent.',
  },
} as const;
