// Sets that claims share: claims of one type of relation, made in one namespace, whose selectors say the same, have one set.
// The objects in it are not kept: they are as many as the selectors times what those select, and an index finds them again.
import { appended, none, without } from '../model/compact.ts';
import type { ClaimRow } from './claim-table.ts';
import type { FiledSet } from './filed-sets.ts';
import type { SetEnd } from './set-end.ts';

/** All sets of one type of relation that objects of one namespace speak of: who makes many there pays with those alone. */
export class SetGroup {
  readonly relation: string;
  /** Of the speakers; the empty string for those in none. */
  readonly namespace: string;
  readonly sets = new Map<string, SharedSet>();
  /** Relations that its claims would make, and those that they make. */
  wanted = 0;
  shown = 0;
  /** Claims that make none because of the limit. */
  cutClaims = 0;
  /** What it was last given at most, and whether anything changed since. */
  share = Number.POSITIVE_INFINITY;
  changed = false;
  /** What was last said of what is cut. */
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
  /** Those of the claims whose relations are made; undefined for all of them. */
  #shown: Set<ClaimRow> | undefined;
  /** How many objects are in it. */
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
