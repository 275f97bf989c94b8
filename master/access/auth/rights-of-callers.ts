// The current rights of callers: determined once for all their requests within seconds.
import { after, type MonotonicClock, type MonotonicTime } from '../../../src/clock.ts';
import { ShareCache } from '../../../src/share-cache.ts';
import type { AccessReview } from './access-review.ts';
import type { Caller } from './authenticator.ts';
import type { Candidates } from './candidates.ts';
import { type Rights, rightsOf, type World } from './rights.ts';

export interface RightsOfCallers {
  /** @throws Fault `unavailable` if it cannot be determined now. */
  of(caller: Caller): Promise<Rights>;
  /** Whether the caller may read a URL that is not a resource, such as `/metrics`. */
  mayRead(caller: Caller, path: string): Promise<boolean>;
  /** Whether the caller may `post` to it. */
  mayPost(caller: Caller, path: string): Promise<boolean>;
}

export interface RightsOfCallersOptions {
  readonly review: AccessReview;
  readonly candidates: Pick<Candidates, 'of'>;
  readonly world: () => World;
  readonly clock: MonotonicClock;
}

/** Milliseconds; the underlying answers are cached longer. */
const goodFor = 5_000;
const remembered = 1024;

export function createRightsOfCallers({ review, candidates, world, clock }: RightsOfCallersOptions): RightsOfCallers {
  const known = new ShareCache<{ readonly rights: Rights; readonly until: MonotonicTime }>(remembered);
  const asking = new Map<string, Promise<Rights>>();

  async function ask(caller: Caller): Promise<Rights> {
    const rights = await rightsOf(caller, world(), review, candidates);
    known.set(caller.tenant, caller.key, { rights, until: after(clock(), goodFor) });
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
