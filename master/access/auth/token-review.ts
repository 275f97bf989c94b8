// Reviews bearer tokens through the cluster:
// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
// Answers are cached by digest, rejected ones separately, so that forged tokens displace no valid ones.
import { LRUCache } from 'lru-cache';
import { after, type MonotonicClock, type MonotonicTime } from '../../../src/clock.ts';
import { Fault, fault } from '../../../src/errors.ts';
import { ShareCache } from '../../../src/share-cache.ts';
import type { Client, Review } from '../../sources/kubernetes/client.ts';
import { type AsStranger, type Authenticator, bearerToken, type Caller, type ClusterUser } from './authenticator.ts';
import { tenantOf } from './tenant.ts';
import { digestOf } from './token-list.ts';

export type Reviewer = Pick<Client, 'review'>;

export interface TokenReviewOptions {
  readonly client: Reviewer;
  readonly clock: MonotonicClock;
}

/** Milliseconds. Granted tokens are reviewed often enough that a revoked one ends within a minute. */
export const goodFor = 20_000;
const refusedFor = 10_000;
const remembered = { good: 4096, refused: 16_384 } as const;

interface Reviewed {
  readonly caller: Caller | undefined;
  readonly until: MonotonicTime;
}

export function createTokenReview({ client, clock }: TokenReviewOptions): Authenticator {
  const good = new ShareCache<Reviewed>(remembered.good);
  const refused = new LRUCache<string, Reviewed>({ max: remembered.refused });
  const asking = new Map<string, Promise<Caller | undefined>>();

  async function review(token: string, digest: string): Promise<Caller | undefined> {
    const caller = await callerWith(client, token);
    const until = after(clock(), caller ? goodFor : refusedFor);
    good.delete(digest);
    if (caller) good.set(caller.tenant, digest, { caller, until });
    else refused.set(digest, { caller, until });
    return caller;
  }

  const now: AsStranger = (review) => review();

  return {
    async callerOf(authorization, asStranger = now) {
      const token = bearerToken(authorization);
      if (token === undefined) return undefined;
      const digest = digestOf(token);
      const known = good.get(digest) ?? refused.get(digest);
      if (known && clock() < known.until) return known.caller;
      const pending = asking.get(digest);
      if (pending) return pending;
      // A recently valid token is no guess.
      const ask = known?.caller ? now : asStranger;
      const asked = ask(() => review(token, digest)).finally(() => asking.delete(digest));
      asking.set(digest, asked);
      return asked;
    },
  };
}

async function callerWith(client: Reviewer, token: string): Promise<Caller | undefined> {
  const { status } = (await create(client, { kind: 'TokenReview', spec: { token } })) as {
    status?: { authenticated?: unknown; user?: ClusterUser };
  };
  const user = status?.user;
  if (status?.authenticated !== true || typeof user?.username !== 'string' || user.username === '') return undefined;
  const { username, uid, groups, extra } = user;
  const known = { username, ...(uid && { uid }), ...(groups && { groups }), ...(extra && { extra }) };
  const caller = { name: username, key: digestOf(JSON.stringify(known)), user: known };
  return { ...caller, tenant: tenantOf(caller, '') };
}

/**
 * Creates a review and returns it with its status.
 * @throws Fault `unavailable` without a proper answer.
 */
export async function create(client: Reviewer, asked: Review): Promise<object> {
  const answer = await client.review(asked, { idle: 10_000, limit: 1 << 20 }).catch((cause: unknown) => {
    if (cause instanceof Fault && cause.code === 'not_ready') throw cause;
    throw fault('unavailable', { reason: 'the API server cannot be asked who may see what' }, cause);
  });
  if (answer.status === 403) throw fault('unavailable', { reason: 'the master may not create reviews: see its role' });
  if (answer.status !== 201 && answer.status !== 200)
    throw fault('unavailable', { reason: `the API server answered a review with status ${answer.status}` });
  return parsed(answer.body);
}

function parsed(body: Buffer): object {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Handled below.
  }
  throw fault('unavailable', { reason: 'the API server answered a review with what cannot be understood' });
}
