// May this user do that? Asks the API server, whatever its authorizers:
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
// Answers are cached: granted ones briefly, so that a revoked right ends; refused ones a little longer. Tenants take turns
// and have limits per minute and shares of the cache.
import { after, type MonotonicClock, type MonotonicTime } from '../../../src/clock.ts';
import { fault } from '../../../src/errors.ts';
import { FairSemaphore } from '../../../src/fair-semaphore.ts';
import { ShareCache } from '../../../src/share-cache.ts';
import { Windows } from '../../../src/windows.ts';
import type { Caller } from './authenticator.ts';
import { digestOf } from './token-list.ts';
import { create, goodFor, type Reviewer } from './token-review.ts';

/** `resource`: plural; no `namespace` means cluster-wide or cluster-scoped. `path` asks about a URL instead. */
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

export interface Answer {
  readonly allowed: boolean;
  /** Whether RBAC grants it. */
  readonly byRbac: boolean;
}

/** All methods throw Fault `unavailable` if it cannot be determined now, and `overloaded` if the tenant asked too much. */
export interface AccessReview {
  allows(caller: Caller, question: Question): Promise<boolean>;
  answer(caller: Caller, question: Question): Promise<Answer>;
  /** Whether one of these is granted: asked one by one until one is, cached together. */
  allowsOne(caller: Caller, questions: readonly Question[]): Promise<boolean>;
}

export interface AccessReviewOptions {
  readonly client: Reviewer;
  readonly clock: MonotonicClock;
  /** Questions per tenant and minute. */
  readonly most?: number;
}

interface Remembered extends Answer {
  readonly until: MonotonicTime;
}

/** Milliseconds. New rights may take this long to appear; revoked ones may not. */
const refusedFor = 90_000;
const remembered = 200_000;
/** Concurrent questions of all callers. */
const atOnce = 16;
const longestWait = 30_000;
/** A caller with rights in a hundred namespaces takes about 6,000 in 20 seconds. */
const usualMost = 24_000;

export function createAccessReview({ client, clock, most = usualMost }: AccessReviewOptions): AccessReview {
  const answers = new ShareCache<Remembered>(remembered);
  const turns = new FairSemaphore(atOnce);
  const asked = new Windows({ most, clock });

  async function inTurn(caller: Caller, question: Question): Promise<Answer> {
    const { tenant } = caller;
    if (!asked.take(tenant)) throw fault('overloaded', { reason: 'its callers ask for too many rights in a minute' });
    let began = false;
    const work = () => {
      began = true;
      return ask(client, caller, question);
    };
    return turns.run(tenant, work, AbortSignal.timeout(longestWait)).catch((cause: unknown) => {
      if (began) throw cause;
      throw fault('overloaded', { reason: 'too many questions to the API server wait' }, cause);
    });
  }

  async function recall(caller: Caller, about: unknown, find: () => Promise<Answer>): Promise<Answer> {
    const key = `${caller.key} ${JSON.stringify(about)}`;
    const known = answers.get(key);
    if (known && clock() < known.until) return known;
    const answer = await find();
    const until = after(clock(), answer.allowed ? goodFor : refusedFor);
    answers.set(caller.tenant, key, { ...answer, until });
    return answer;
  }

  async function firstAllowed(caller: Caller, questions: readonly Question[]): Promise<Answer> {
    for (const question of questions) {
      const answer = await inTurn(caller, question);
      if (answer.allowed) return answer;
    }
    return { allowed: false, byRbac: false };
  }

  const answer = (caller: Caller, question: Question) => recall(caller, question, () => inTurn(caller, question));
  return {
    answer,
    allows: async (caller, question) => (await answer(caller, question)).allowed,
    allowsOne: async (caller, questions) =>
      (await recall(caller, digestOf(JSON.stringify(questions)), () => firstAllowed(caller, questions))).allowed,
  };
}

async function ask(client: Reviewer, { user }: Caller, question: Question): Promise<Answer> {
  const { username, ...claims } = user ?? { username: '' };
  const asked = 'path' in question ? { nonResourceAttributes: question } : { resourceAttributes: question };
  const spec = { user: username, ...claims, ...asked };
  const { status } = (await create(client, { kind: 'SubjectAccessReview', spec })) as {
    status?: { allowed?: unknown; denied?: unknown; reason?: unknown };
  };
  const allowed = status?.allowed === true && status.denied !== true;
  return { allowed, byRbac: allowed && String(status?.reason ?? '').startsWith('RBAC:') };
}
