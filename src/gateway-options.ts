import type { BlockList } from 'node:net';
import type { VerifyToken } from './auth/token-claims.ts';
import type { YogaOptions } from './graphql/yoga.ts';
import type { Clock, Meter, RateLimit } from './limits/rate-limit.ts';
import type { DemoShop } from './shops/demo-shop.ts';
import type { Observer } from './telemetry/observer.ts';
import type { Tracing } from './telemetry/tracing.ts';

/** What can be set about a gateway; src/config-variables.ts documents the environment variables behind it. */
export interface GatewayOptions extends YogaOptions {
  /** Milliseconds: half of it for authentication, half for the operation. */
  readonly requestDeadline: number;
  /** Most requests on their way to the database, half of it for one shop. */
  readonly queueLimit: number;
  /** Whether the process is about to end; then `/ready` is 503 and every answer asks for the end of its connection. */
  readonly isDraining: () => boolean;
  /** How many tickets each credential may create: an API key that has no limit of its own, a subject of tokens. */
  readonly rateLimit: RateLimit;
  /** Most invalid credentials from one address in a minute. */
  readonly authFailureLimit: number;
  /** Proxies whose X-Forwarded-For tells the client's address. */
  readonly trustedProxies: BlockList;
  /** Keeps the keys' buckets; in this process by default. */
  readonly meter?: Meter | undefined;
  /** What rates are measured with; `performance.now()` by default. */
  readonly clock?: Clock | undefined;
  /** Whether a browser is shown GraphiQL at /graphql. */
  readonly graphiql: boolean;
  /** Verifies tokens; without it none are taken. */
  readonly verifyToken?: VerifyToken | undefined;
  /** The origins whose pages may use the gateway; undefined for no other than its own. */
  readonly corsOrigins?: ReadonlySet<string> | undefined;
  /** Whether the reference page and the OpenAPI document are shown. */
  readonly docs: boolean;
  /** The demo shop, whose public key GraphiQL then shows; none but on the embedded database. */
  readonly demo?: DemoShop | undefined;
  /** Counts what happens; nobody by default. */
  readonly observer?: Observer | undefined;
  /** Records where the time of requests goes; nobody by default. */
  readonly tracing?: Tracing | undefined;
}
