import { createAuthenticate } from './auth/authenticate.ts';
import { createIdentify, type Identify } from './auth/identify.ts';
import { hashKeyText } from './auth/key-text.ts';
import { KnownKeys } from './auth/known-keys.ts';
import { KnownTokens } from './auth/known-tokens.ts';
import type { SharedContext } from './context.ts';
import type { Database } from './db/database.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { createGraphQLDoor } from './graphql/door.ts';
import { createCors } from './http/cors.ts';
import type { Door } from './http/door.ts';
import { GRAPHQL_PATH, TICKETS_PATH } from './http/door-paths.ts';
import { createProbes } from './http/probes.ts';
import { Admission } from './limits/admission.ts';
import { FailureLimit } from './limits/failure-limit.ts';
import { HeavyWork } from './limits/heavy-work.ts';
import { HeldBytes } from './limits/held-bytes.ts';
import { LocalMeter } from './limits/local-meter.ts';
import type { Meter } from './limits/rate-limit.ts';
import { Turns } from './limits/turns.ts';
import type { Logger } from './log.ts';
import { type AnswerOpenly, createOpenAnswers } from './open-answers.ts';
import { createRespond, type Respond } from './respond.ts';
import { restDoor } from './rest/door.ts';
import { Batches } from './tickets/batches.ts';
import { KeysUnderWay } from './tickets/keys-under-way.ts';
import { PriorTickets } from './tickets/prior-tickets.ts';

/** What a request meets on its way through the gateway. */
export interface GatewayParts {
  /** By their paths. */
  readonly doors: ReadonlyMap<string, Door>;
  readonly shared: SharedContext;
  readonly admission: Admission;
  readonly meter: Meter;
  /** Milliseconds that looking up the credential may take, and then what is asked for. */
  readonly stageDeadline: number;
  readonly answerOpenly: AnswerOpenly;
  readonly identify: Identify;
  readonly respond: Respond;
  /** Whether a text is a key that is in use, as far as that is known without asking. */
  readonly isKey: (text: string) => boolean;
}

/** Puts the parts of a gateway together. */
export function createParts(database: Database, log: Logger, options: GatewayOptions): GatewayParts {
  const { isDraining, observer, tracing, verifyToken, corsOrigins, trustedProxies } = options;
  const stageDeadline = options.requestDeadline / 2;
  const turns = new Turns(database.shares.queries, stageDeadline);
  const admission = new Admission(options.queueLimit);
  const shared: SharedContext = {
    database,
    held: new HeldBytes(),
    heavyWork: new HeavyWork(stageDeadline, (shopId) => admission.isShared(shopId)),
    turns,
    batches: new Batches(database, stageDeadline, observer, tracing),
    keysUnderWay: new KeysUnderWay(),
    priorTickets: new PriorTickets(database, turns, tracing),
    observer,
    tracing,
  };
  observer?.watch({ admission, database });
  const { clock = () => performance.now(), meter = new LocalMeter(clock) } = options;
  const keys = new KnownKeys(database, turns, options.rateLimit, log);
  const failures = new FailureLimit(options.authFailureLimit, clock);
  const authenticate = createAuthenticate(
    keys,
    verifyToken && new KnownTokens(database, options.rateLimit, verifyToken),
    failures,
    admission,
    trustedProxies,
  );
  const answerProbe = createProbes({ ...shared, patience: stageDeadline, isDraining }, log);
  const cors = corsOrigins && createCors(corsOrigins);
  return {
    doors: new Map([
      [GRAPHQL_PATH, createGraphQLDoor(options, log)],
      [TICKETS_PATH, restDoor],
    ]),
    shared,
    admission,
    meter,
    stageDeadline,
    answerOpenly: createOpenAnswers(cors, answerProbe, options),
    identify: createIdentify(authenticate, stageDeadline, tracing),
    respond: createRespond({ cors, isDraining, observer, failures, trustedProxies }, log),
    isKey: (text) => keys.isNoGuess(hashKeyText(text)),
  };
}
