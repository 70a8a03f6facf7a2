import fc from 'fast-check';
import type { Creation, Reading } from './expected-answers.ts';
import type { KeyName, ModelShop } from './three-shops.ts';

const NOBODY = 2_000_000_000;
const NO_TICKET = '999999999999999999';
const UNUSED_KEY = 'used by no shop';

/** Something of the shop that asks, of one of the two other shops, or of nobody. */
interface Reference {
  readonly owner: 'own' | 'next' | 'after next' | 'nobody';
  readonly index: number;
}

/** A creation whose customer and assignee are yet to be looked up, by one of the three shops. */
interface PlannedCreation extends Omit<Creation, 'customerId' | 'assignedTo'> {
  readonly shop: number;
  readonly customer: Reference;
  readonly assignee: Reference | null;
}

/** A reading whose tickets are yet to be looked up, by one of the three shops. */
interface PlannedReading extends Omit<Reading, 'ticketIds'> {
  readonly shop: number;
  readonly tickets: readonly Reference[];
}

/** A request that is yet to be made concrete. */
export type PlannedRequest = PlannedCreation | PlannedReading;

/** What happens next: requests of several shops at once, or something that an operator does. */
export type Step =
  | { readonly kind: 'requests'; readonly requests: readonly PlannedRequest[] }
  | { readonly kind: 'closing'; readonly shop: number }
  | { readonly kind: 'revocation'; readonly shop: number; readonly key: KeyName };

const anyShop = fc.nat({ max: 2 });
const anyKey = fc.constantFrom<KeyName[]>('everything', 'everything', 'everything', 'writer', 'reader');
// Its own more often than not, so that the sequences get somewhere.
const ownersByWeight = ['own', 'own', 'own', 'own', 'own', 'own', 'next', 'after next', 'nobody'] as const;
const referenceUpTo = (index: number) =>
  fc.record<Reference>({ owner: fc.constantFrom(...ownersByWeight), index: fc.nat({ max: index }) });
const anyPerson = referenceUpTo(1);
const anyCreation = fc.record<PlannedCreation>({
  kind: fc.constant('creation'),
  shop: anyShop,
  key: anyKey,
  door: fc.constantFrom('graphql', 'rest'),
  customer: anyPerson,
  assignee: fc.option(anyPerson, { freq: 2 }),
  isOpenedTicket: fc.constantFrom(true, true, false),
  // Few, so that they meet within a shop and across shops.
  idempotencyKey: fc.option(fc.constantFrom('order-1', 'order-2', 'order-3'), { freq: 3 }),
});
const anyReading = fc.record<PlannedReading>({
  kind: fc.constant('reading'),
  shop: anyShop,
  key: anyKey,
  tickets: fc.array(referenceUpTo(9), { minLength: 1, maxLength: 4 }),
});
const anyRequest = fc.oneof({ weight: 2, arbitrary: anyCreation }, { weight: 1, arbitrary: anyReading });

// One of each shop at most: what a shop is answered must not depend on what the others do at the same time.
const severalRequests = fc.uniqueArray(anyRequest, { minLength: 1, selector: ({ shop }) => shop });

/** Any step of a sequence; most are requests. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ kind: fc.constant('requests'), requests: severalRequests }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('closing'), shop: anyShop }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revocation'), shop: anyShop, key: anyKey }) },
);

const owners = ['own', 'next', 'after next'];

/** Puts numbers in the place of references; a reference to what there is none of becomes one to nobody's. */
export function lookUp(shops: readonly ModelShop[], plan: PlannedRequest): Creation | Reading {
  function find<Item>({ owner, index }: Reference, of: (shop: ModelShop) => readonly Item[]) {
    const shop = owner === 'nobody' ? undefined : shops[(plan.shop + owners.indexOf(owner)) % shops.length];
    const items = shop ? of(shop) : [];
    return items[index % items.length];
  }
  if (plan.kind === 'reading') {
    const ids = plan.tickets.map((ticket) => find(ticket, ({ tickets }) => tickets)?.id ?? NO_TICKET);
    return { kind: 'reading', key: plan.key, ticketIds: ids };
  }
  const { customer, assignee, shop, ...rest } = plan;
  return {
    ...rest,
    customerId: find(customer, ({ customers }) => customers)?.id ?? NOBODY,
    assignedTo: assignee && (find(assignee, ({ agents }) => agents)?.id ?? NOBODY),
  };
}

const withoutOthers = (reference: Reference): Reference =>
  reference.owner === 'own' ? reference : { ...reference, owner: 'nobody' };

/** The same request in a world without other shops: what is theirs is nobody's, and their keys are unused. */
export function inEmptyWorld(plan: PlannedRequest, shop: ModelShop): PlannedRequest {
  if (plan.kind === 'reading') return { ...plan, tickets: plan.tickets.map(withoutOthers) };
  const isOwnKey = shop.tickets.some(({ idempotencyKey }) => idempotencyKey === plan.idempotencyKey);
  return {
    ...plan,
    customer: withoutOthers(plan.customer),
    assignee: plan.assignee && withoutOthers(plan.assignee),
    idempotencyKey: plan.idempotencyKey && (isOwnKey ? plan.idempotencyKey : UNUSED_KEY),
  };
}
