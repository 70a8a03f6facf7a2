import { scopes } from '../auth/scopes.ts';
import { BODY_LIMITS } from '../http/body-limits.ts';

const [write, read] = scopes;

/** What holds for the API as a whole, in Markdown: tools such as GraphiQL show it before everything else. */
export const schemaDescription = `The tickets of a helpdesk. \`createTicket\` creates one, \`ticket\` reads one, \`shop\` tells whose credential was sent.

**Authentication.** Every operation needs an API key, introspection too: in the header \`x-api-key\`, or, only when that header is absent, in \`Authorization: Bearer …\`. A gateway that takes sessions of browsers takes their JSON Web Tokens there, too. Either belongs to one shop, and all customers, agents and tickets are those of that shop; what belongs to another is answered like what does not exist. Its scopes say what it may do: \`${write}\` to create tickets, \`${read}\` to read them.

**Errors.** An expected failure of a mutation is data: a member of its result that implements \`Error\`, with HTTP status 200. Everything else stands in \`errors\`, with \`extensions.code\`, one of \`ErrorCode\`, which tells its HTTP status, and \`extensions.requestId\`, which the log has, too.

**Repeating.** A request that got no answer, 429 or 503 may be sent again, after the seconds of the header \`Retry-After\` where there is one. With \`idempotencyKey\` in its input that makes no second ticket.

**Rate limits.** A credential has a bucket of tickets; each one created takes one out, and they come back steadily. The headers \`RateLimit-Policy\` (q, the size of the bucket; w, the seconds in which it fills) and \`RateLimit\` (r, the tickets that are left; t, the seconds until it is full, or, when r is 0, until one is back) come with every answer; where no credential was accepted, they tell of the invalid ones that may come from the client's address. A ticket too many is \`RATE_LIMITED\`, 429.

**Requests.** POST takes JSON of at most ${BODY_LIMITS} with \`query\`, \`variables\` and \`operationName\`; GET takes queries only. There is no batching and no subscription.`;
