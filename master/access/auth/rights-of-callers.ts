// What each caller may see now: asked for once for all their requests of a few seconds.
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../src/clock.ts';
import type { AccessReview } from './access-review.ts';
import type { Caller } from './authenticator.ts';
import { type Rights, rightsOf, type World } from './rights.ts';

export interface RightsOfCallers {
  /** @throws Fault `unavailable` where nobody can say now. */
  of(caller: Caller): Promise<Rights>;
  /** Whether the caller may read a URL that is no resource, such as `/metrics`. */
  mayRead(caller: Caller, path: string): Promise<boolean>;
  /** Whether the caller may `post` to it. */
  mayPost(caller: Caller, path: string): Promise<boolean>;
}

export interface RightsOfCallersOptions {
  readonly review: AccessReview;
  readonly world: () => World;
  readonly clock: Clock;
}

/** Milliseconds; the answers they are made of are remembered longer. */
const goodFor = 5_000;

export function createRightsOfCallers({ review, world, clock }: RightsOfCallersOptions): RightsOfCallers {
  const known = new LRUCache<string, { readonly rights: Rights; readonly until: number }>({ max: 1024 });
  const asking = new Map<string, Promise<Rights>>();

  async function ask(caller: Caller): Promise<Rights> {
    const rights = await rightsOf(caller, world(), review);
    known.set(caller.key, { rights, until: clock() + goodFor });
    return rights;
  }

  return {
    async of(caller) {
      const last = known.get(caller.key);
      if (last && clock() < last.until) return last.rights;
      const pending = asking.get(caller.key) ?? ask(caller).finally(() => asking.delete(caller.key));
      asking.set(caller.key, pending);
      return pending;
    },
    mayRead: (caller, path) => review.allows(caller, { verb: 'get', path }),
    mayPost: (caller, path) => review.allows(caller, { verb: 'post', path }),
  };
}
