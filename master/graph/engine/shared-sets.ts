// Claims of one relation type, made in one namespace with equal selectors, share a set. Members are not stored, since they
// number selectors times matches; an index finds them again.
import { appended, none, without } from '../model/compact.ts';
import type { ClaimRow } from './claim-table.ts';
import type { FiledSet } from './filed-sets.ts';
import type { SetEnd } from './set-end.ts';

/** All sets for one relation type and the speakers of one namespace: who creates many there competes only with them. */
export class SetGroup {
  readonly relation: string;
  /** Namespace of the speakers; empty if cluster-scoped. */
  readonly namespace: string;
  readonly sets = new Map<string, SharedSet>();
  /** Number of relations that its claims ask for, and that exist. */
  wanted = 0;
  shown = 0;
  /** Claims without relations because of the limit. */
  cutClaims = 0;
  /** The last share, and whether anything changed since. */
  share = Number.POSITIVE_INFINITY;
  changed = false;
  /** The last report of omitted relations. */
  told: string | undefined;

  constructor(relation: string, namespace: string) {
    this.relation = relation;
    this.namespace = namespace;
  }

  get name(): string {
    return this.namespace === '' ? `${this.relation} outside of namespaces` : `${this.relation} in ${this.namespace}`;
  }
}

export class SharedSet {
  readonly key: string;
  readonly end: SetEnd;
  readonly group: SetGroup;
  claims: ClaimRow[] = none;
  /** The claims whose relations exist; undefined for all. */
  #shown: Set<ClaimRow> | undefined;
  /** Number of members. */
  size = 0;
  filed: FiledSet<SharedSet> | undefined;

  constructor(key: string, end: SetEnd, group: SetGroup) {
    this.key = key;
    this.end = end;
    this.group = group;
  }

  shows(claim: ClaimRow): boolean {
    return this.#shown?.has(claim) ?? true;
  }

  get shown(): Iterable<ClaimRow> {
    return this.#shown ?? this.claims;
  }

  get shownCount(): number {
    return this.#shown?.size ?? this.claims.length;
  }

  add(claim: ClaimRow, isShown: boolean): void {
    if (!isShown) this.#shown ??= new Set(this.claims);
    this.claims = appended(this.claims, claim);
    if (isShown) this.#shown?.add(claim);
  }

  remove(claim: ClaimRow): void {
    this.claims = without(this.claims, claim);
    this.#shown?.delete(claim);
    if (this.#shown?.size === this.claims.length) this.#shown = undefined;
  }

  show(shown: ReadonlySet<ClaimRow>): void {
    this.#shown = shown.size === this.claims.length ? undefined : new Set(shown);
  }
}
