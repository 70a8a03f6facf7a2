import { mostOfAShop } from '../db/pool-shares.ts';
import { Shares } from '../limits/shares.ts';
import { ShopQueue } from '../limits/shop-queue.ts';
import { customerOf, Suspects } from './suspects.ts';
import { type WaitingDraft, withoutLate } from './waiting-draft.ts';

/** Tries a draft alone, and resolves to whether it waited for a lock in vain and is to be tried again; never fails. */
type TryAlone = (one: WaitingDraft, isHeld: boolean) => Promise<boolean>;

/**
 * Drafts that are tried alone, a few at a time, so that the others wait for none of them: those of a batch that failed as
 * a whole, and all of a shop of which several failed. The shops take turns. Drafts whose customer is known to be held up
 * by a lock come one at a time, and the customers by turns, so that the others have the rest.
 */
export class LoneDrafts {
  readonly #share: number;
  readonly #try: TryAlone;
  readonly #suspects = new Suspects();
  readonly #waiting = new ShopQueue<WaitingDraft>();
  /** By their customers, the drafts of those that are held up. */
  readonly #held = new Map<string, WaitingDraft[]>();
  readonly #turns = new ShopQueue<string>();
  /** How many drafts of each shop are tried. */
  readonly #underWay: Shares;
  #isHeldUnderWay = false;

  /** So many are tried at once, at least two. */
  constructor(share: number, tryAlone: TryAlone) {
    this.#share = share;
    this.#underWay = new Shares(share, mostOfAShop(share));
    this.#try = tryAlone;
  }

  /** Whether a draft is to be kept apart from others, for what happened to others of its customer or its shop. */
  isSuspect({ draft }: WaitingDraft): boolean {
    return this.#suspects.hasCustomerOf(draft) || this.#suspects.hasShopOf(draft);
  }

  /** Notes that a draft failed alone. */
  suspect({ draft }: WaitingDraft): void {
    this.#suspects.suspect(draft);
  }

  /** Notes that a draft, alone, became a ticket. */
  trust({ draft }: WaitingDraft): void {
    this.#suspects.trust(draft);
  }

  /** Tries them when it is their turn. */
  add(drafts: readonly WaitingDraft[]): void {
    for (const one of drafts) this.#queue(one);
    this.#tryNext();
  }

  #queue(one: WaitingDraft): void {
    if (this.#suspects.hasCustomerOf(one.draft)) this.#hold(one);
    else this.#waiting.add(one.draft.shopId, one);
  }

  #hold(one: WaitingDraft): void {
    // As long as some come, and none of them was created, it is not forgotten.
    this.#suspects.suspect(one.draft);
    const customer = customerOf(one.draft);
    const others = this.#held.get(customer);
    if (others === undefined) {
      this.#held.set(customer, [one]);
      this.#turns.add(one.draft.shopId, customer);
    } else {
      others.push(one);
    }
  }

  #tryNext(): void {
    while (this.#underWay.total < this.#share) {
      const customer = this.#isHeldUnderWay ? undefined : this.#turns.take();
      if (customer !== undefined) {
        void this.#tryHeld(customer);
        continue;
      }
      const one = this.#waiting.take((shopId) => this.#underWay.hasRoom(shopId));
      if (one === undefined) return;
      // One that came with it may have failed meanwhile.
      if (this.#suspects.hasCustomerOf(one.draft)) this.#hold(one);
      else void this.#tryWaiting(one);
    }
  }

  async #tryWaiting(one: WaitingDraft): Promise<void> {
    if (await this.#tryOne(one, false)) this.#queue(one);
    this.#tryNext();
  }

  async #tryHeld(customer: string): Promise<void> {
    this.#isHeldUnderWay = true;
    const drafts = this.#held.get(customer) ?? [];
    const one = drafts.shift();
    if (one && (await this.#tryOne(one, true))) drafts.unshift(one);
    this.#held.delete(customer);
    // Those that came meanwhile, too.
    for (const other of withoutLate(drafts)) this.#queue(other);
    this.#isHeldUnderWay = false;
    this.#tryNext();
  }

  async #tryOne(one: WaitingDraft, isHeld: boolean): Promise<boolean> {
    const { shopId } = one.draft;
    this.#underWay.take(shopId, 1);
    const isAgain = await this.#try(one, isHeld);
    this.#underWay.take(shopId, -1);
    return isAgain;
  }
}
