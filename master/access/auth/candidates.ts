// Selects namespaces in which to ask about a caller's rights. Under RBAC a caller has rights in a namespace only if a
// RoleBinding in it names them, and the graph has these. Another authorizer (a cloud's webhook) may grant more: this is
// detected by asking about Pods in namespaces without a binding, within a tenant's limit per minute. After the first right
// without a binding every namespace is asked about.
import type { Logger } from '../../../src/logger.ts';
import type { Windows } from '../../../src/windows.ts';
import type { AccessReview } from './access-review.ts';
import type { Caller, ClusterUser } from './authenticator.ts';

/** Who grants rights: `rbac` only, or `any` authorizer; `auto` detects it. */
export type Authorizer = 'auto' | 'rbac' | 'any';

export interface CandidatesOptions {
  readonly bindings: { namespacesOf(user: ClusterUser): ReadonlySet<string> | undefined };
  readonly authorizer: Authorizer;
  readonly review: AccessReview;
  /** Namespaces tried per tenant and minute. */
  readonly trials: Windows;
  readonly logger: Logger;
}

const pods = { verb: 'list', group: '', resource: 'pods' } as const;

export class Candidates {
  readonly #options: CandidatesOptions;
  #othersGrant: boolean;
  /** Start of the next trial, so that every namespace is tried eventually. */
  #next = 0;

  constructor(options: CandidatesOptions) {
    this.#options = options;
    this.#othersGrant = options.authorizer === 'any';
  }

  /** The namespaces to ask about. @throws Fault `unavailable` or `overloaded` if it cannot be determined now. */
  async of(caller: Caller, namespaces: readonly string[]): Promise<readonly string[]> {
    const bound = caller.user && this.#options.bindings.namespacesOf(caller.user);
    if (!bound || this.#othersGrant) return namespaces;
    const others =
      this.#options.authorizer === 'rbac' ? [] : await this.#tried(caller, this.#some(caller, namespaces, bound));
    if (this.#othersGrant) return namespaces;
    const found = new Set(others);
    return namespaces.filter((namespace) => bound.has(namespace) || found.has(namespace));
  }

  #some({ tenant }: Caller, namespaces: readonly string[], bound: ReadonlySet<string>): string[] {
    const begin = this.#next % Math.max(1, namespaces.length);
    const inTurn = [...namespaces.slice(begin), ...namespaces.slice(0, begin)];
    const unbound = inTurn.filter((namespace) => !bound.has(namespace));
    const refused = unbound.findIndex(() => !this.#options.trials.take(tenant));
    const some = refused < 0 ? unbound : unbound.slice(0, refused);
    if (refused >= 0) this.#next += some.length;
    return some;
  }

  /** Namespaces where the caller may list Pods without a binding. */
  async #tried(caller: Caller, namespaces: readonly string[]): Promise<string[]> {
    const { review, logger } = this.#options;
    const answers = await Promise.all(namespaces.map((namespace) => review.answer(caller, { ...pods, namespace })));
    if (!this.#othersGrant && answers.some(({ allowed, byRbac }) => allowed && !byRbac)) {
      this.#othersGrant = true;
      logger.info(
        'another authorizer than RBAC grants rights in namespaces: what callers may see is asked for in all of them',
      );
    }
    return namespaces.filter((_, i) => answers[i]?.allowed);
  }
}
