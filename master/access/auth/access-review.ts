// May this user do that? One question at a time to the API server, whatever authorizers it has:
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
// Answers are remembered: what is allowed shortly, so that a right taken away ends; what is refused a little longer.
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../src/clock.ts';
import { Semaphore } from '../../../src/concurrency.ts';
import { fault } from '../../../src/errors.ts';
import type { Caller } from './authenticator.ts';
import { create, goodFor, type Reviewer } from './token-review.ts';

/** `resource` is a plural; no `namespace` means everywhere, or outside of namespaces. `path` asks about a URL instead. */
export type Question =
  | {
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource?: string;
      readonly namespace?: string;
      readonly name?: string;
    }
  | { readonly verb: string; readonly path: string };

export interface AccessReview {
  /** @throws Fault `unavailable` where nobody can say now. */
  allows(caller: Caller, question: Question): Promise<boolean>;
}

export interface AccessReviewOptions {
  readonly client: Reviewer;
  readonly clock: Clock;
}

/** Milliseconds. New rights may take this long; those taken away may not. */
const refusedFor = 90_000;
const remembered = 200_000;
/** Questions asked at once, of all callers together. */
const atOnce = 16;
const longestWait = 30_000;

export function createAccessReview({ client, clock }: AccessReviewOptions): AccessReview {
  const answers = new LRUCache<string, { readonly allowed: boolean; readonly until: number }>({ max: remembered });
  const turns = new Semaphore(atOnce);

  async function ask({ user }: Caller, question: Question): Promise<boolean> {
    const { username, ...claims } = user ?? { username: '' };
    const asked = 'path' in question ? { nonResourceAttributes: question } : { resourceAttributes: question };
    const spec = { user: username, ...claims, ...asked };
    const { status } = (await create(client, { kind: 'SubjectAccessReview', spec })) as {
      status?: { allowed?: unknown; denied?: unknown };
    };
    return status?.allowed === true && status.denied !== true;
  }

  async function inTurn(work: () => Promise<boolean>): Promise<boolean> {
    const leave = await turns.acquire(AbortSignal.timeout(longestWait)).catch((cause: unknown) => {
      throw fault('overloaded', { reason: 'too many questions to the API server wait' }, cause);
    });
    try {
      return await work();
    } finally {
      leave();
    }
  }

  return {
    async allows(caller, question) {
      const key = `${caller.key} ${JSON.stringify(question)}`;
      const known = answers.get(key);
      if (known && clock() < known.until) return known.allowed;
      const allowed = await inTurn(() => ask(caller, question));
      answers.set(key, { allowed, until: clock() + (allowed ? goodFor : refusedFor) });
      return allowed;
    },
  };
}
