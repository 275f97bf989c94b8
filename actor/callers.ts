// Authenticates and authorizes callers through the API server on each request, without a cache: actions are rare, and a
// revoked right must not count.

import { fault } from '../src/errors.ts';
import { isName, isRecord } from '../src/fields.ts';
import type { Target } from './action.ts';
import { type Cluster, ClusterFailure, plurals } from './cluster.ts';

/** As known to the API server. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [name: string]: readonly string[] };
}

export class Callers {
  readonly #cluster: Pick<Cluster, 'review'>;

  constructor(cluster: Pick<Cluster, 'review'>) {
    this.#cluster = cluster;
  }

  /** @throws Fault `unauthorized`, or `unavailable` if it cannot be checked now. */
  async callerOf(authorization: string | undefined): Promise<User> {
    const token = authorization === undefined ? undefined : /^bearer +([\w\-.~+/]+=*) *$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > 16_384) throw fault('unauthorized');
    const status = await this.#ask('TokenReview', { token }, 'whose a token is');
    const user = status['user'];
    if (status['authenticated'] !== true || !isRecord(user) || !isName(user['username'])) throw fault('unauthorized');
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
