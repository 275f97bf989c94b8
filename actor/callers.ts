// Authenticates and authorizes callers through the API server on each request: actions are rare, and a revoked right must not
// count. Only refusals are cached, briefly: otherwise anyone who reaches the port could cause unlimited requests.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { MonotonicClock } from '../src/clock.ts';
import { fault } from '../src/errors.ts';
import { isName, isRecord } from '../src/fields.ts';
import { Strangers } from '../src/strangers.ts';
import type { Target } from './action.ts';
import { type Cluster, ClusterFailure, plurals } from './cluster.ts';

/** As known to the API server. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [name: string]: readonly string[] };
}

export interface CallersOptions {
  readonly cluster: Pick<Cluster, 'review'>;
  readonly clock: MonotonicClock;
}

/** Milliseconds. */
const refusedFor = 10_000;
const remembered = { good: 4096, refused: 16_384 } as const;

export class Callers {
  readonly #cluster: Pick<Cluster, 'review'>;
  readonly #clock: MonotonicClock;
  readonly #strangers: Strangers;
  /** Digests of tokens that were right when they came last: asked about each time, also while others of their address are refused. */
  readonly #good = new LRUCache<string, true>({ max: remembered.good });
  /** Digests of refused tokens, with when they are asked about again. */
  readonly #refused = new LRUCache<string, number>({ max: remembered.refused });
  readonly #asking = new Map<string, Promise<User | undefined>>();

  constructor({ cluster, clock }: CallersOptions) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#strangers = new Strangers(clock);
  }

  /**
   * `address`: where the call comes from.
   * @throws Fault `unauthorized`, `too_many_requests` for an unknown token of an address that guesses, or `unavailable` if it
   * cannot be checked now.
   */
  async callerOf(authorization: string | undefined, address: string): Promise<User> {
    const token = authorization === undefined ? undefined : /^bearer +([\w\-.~+/]+=*) *$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > 16_384) throw fault('unauthorized');
    const user = await this.#userOf(token, address);
    if (user) return user;
    const isLate = this.#strangers.wait(address) > 0;
    this.#strangers.refuse(address);
    throw fault(isLate ? 'too_many_requests' : 'unauthorized');
  }

  /** Seconds until unknown tokens of the address are asked about as before; 0 where they are. */
  wait(address: string): number {
    return this.#strangers.wait(address);
  }

  /** Simultaneous requests with the same token share the answer. */
  async #userOf(token: string, address: string): Promise<User | undefined> {
    const digest = createHash('sha256').update(token).digest('hex');
    if (this.#clock() < (this.#refused.get(digest) ?? Number.NEGATIVE_INFINITY)) return undefined;
    const pending = this.#asking.get(digest);
    if (pending) return pending;
    const review = () => this.#review(token, digest);
    const asked = this.#good.has(digest) ? review() : this.#strangers.ask(address, review);
    const settled = asked.finally(() => this.#asking.delete(digest));
    this.#asking.set(digest, settled);
    return settled;
  }

  async #review(token: string, digest: string): Promise<User | undefined> {
    const user = await this.#reviewed(token);
    if (user) this.#good.set(digest, true);
    else {
      this.#good.delete(digest);
      this.#refused.set(digest, this.#clock() + refusedFor);
    }
    return user;
  }

  async #reviewed(token: string): Promise<User | undefined> {
    const status = await this.#ask('TokenReview', { token }, 'whose a token is');
    const user = status['user'];
    if (status['authenticated'] !== true || !isRecord(user) || !isName(user['username'])) return undefined;
    const { username, uid, groups, extra } = user as unknown as User;
    return { username, ...(uid && { uid }), ...(groups && { groups }), ...(extra && { extra }) };
  }

  /** Whether this user may change the target themselves, including the subresource. */
  async may(
    verb: 'get' | 'patch',
    { username, uid, groups, extra }: User,
    { kind, namespace, name }: Target,
    subresource?: string,
  ): Promise<boolean> {
    const { group = '', plural = kind } = plurals[kind] ?? {};
    const attributes = { verb, group, version: 'v1', resource: plural, namespace, name };
    const resourceAttributes = { ...attributes, ...(subresource === undefined ? {} : { subresource }) };
    const who = { user: username, ...(uid && { uid }), ...(groups && { groups }), ...(extra && { extra }) };
    const status = await this.#ask('SubjectAccessReview', { ...who, resourceAttributes }, 'rights of a caller');
    return status['allowed'] === true && status['denied'] !== true;
  }

  async #ask(kind: 'TokenReview' | 'SubjectAccessReview', spec: object, purpose: string) {
    try {
      return await this.#cluster.review(kind, spec, purpose);
    } catch (error) {
      const what =
        error instanceof ClusterFailure && error.status === 403 ? ': the Role of the actor lacks reviews' : '';
      throw fault('unavailable', { reason: `the API server cannot be asked who may do what${what}` }, error);
    }
  }
}
