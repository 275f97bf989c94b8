// Claims about sets: each makes a relation for every member within the limit. What exceeds the limit is counted and
// reported.
import { noRow } from '../model/table.ts';
import type { Ends, Labels, Vertex } from '../model/vertex.ts';
import { admittedClaims } from './admitted-claims.ts';
import type { ClaimRow, ClaimTable } from './claim-table.ts';
import { type CutListener, CutRelations } from './cut-relations.ts';
import { findRow } from './edges.ts';
import { KeptMembers } from './kept-members.ts';
import type { Links } from './links.ts';
import { fairShare, type RelationLimit } from './relation-limit.ts';
import type { Resolver } from './resolver.ts';
import type { Membership } from './selectors.ts';
import { Selectors } from './selectors.ts';
import { isSetEnd, type SetEnd, setEndOf } from './set-end.ts';
import { SetGroup, SharedSet } from './shared-sets.ts';

export interface SetClaimsOptions extends CutListener {
  readonly graph: Membership;
  readonly claims: ClaimTable;
  readonly links: Pick<Links, 'link' | 'unlink'>;
  readonly resolver: Pick<Resolver, 'fixed'>;
  readonly limit: RelationLimit;
}

/** How far a transaction may exceed the limit before shares are recomputed. */
const slack = 1.25;

export class SetClaims {
  readonly #options: SetClaimsOptions;
  readonly #selectors: Selectors<SharedSet>;
  readonly #groups = new Map<string, SetGroup>();
  readonly #setOf = new Map<ClaimRow, SharedSet>();
  readonly #members = new KeptMembers<SharedSet>();
  readonly #cut: CutRelations;
  #wanted = 0;
  #shown = 0;

  constructor(options: SetClaimsOptions) {
    this.#options = options;
    this.#selectors = new Selectors(options.graph);
    this.#cut = new CutRelations(options);
  }

  /** Number of relations that the selectors ask for, and that exist. */
  get counts(): { readonly wanted: number; readonly shown: number } {
    return { wanted: this.#wanted, shown: this.#shown };
  }

  claim(claim: ClaimRow): void {
    const set = this.#sharedSetOf(claim);
    this.#setOf.set(claim, set);
    // A set that does not fit waits for the end of the transaction, when all shares are computed.
    const fits = this.#shown + set.size <= this.#options.limit.selected;
    set.add(claim, fits);
    this.#grow(set.group, set.size, fits ? set.size : 0);
    if (fits) this.#link(claim, this.#matchesOf(set));
    else this.#cut.add(this.#options.claims.speakerOf(claim), set.group);
  }

  /** False if the claim is not about a set. */
  withdraw(claim: ClaimRow): boolean {
    const set = this.#setOf.get(claim);
    if (!set) return false;
    this.#setOf.delete(claim);
    const isShown = set.shows(claim);
    if (isShown) this.#unlink(claim, this.#matchesOf(set));
    else this.#cut.remove(this.#options.claims.speakerOf(claim), set.group);
    this.#grow(set.group, -set.size, isShown ? -set.size : 0);
    set.remove(claim);
    if (set.claims.length === 0) this.#forget(set);
    return true;
  }

  /** Call before labels, phase or presence of the vertex change; returns the sets that it is in, for `relabelled`. */
  relabelling(vertex: Vertex): readonly SharedSet[] {
    if (!vertex.present) return [];
    const before = this.#selectors.setsOf(vertex);
    this.#selectors.leave(vertex);
    return before;
  }

  /** Call after it. */
  relabelled(vertex: Vertex, before: readonly SharedSet[]): void {
    this.#selectors.enter(vertex);
    this.#moveFrom(before, vertex);
  }

  #moveFrom(before: readonly SharedSet[], vertex: Vertex): void {
    const now = this.#selectors.setsOf(vertex);
    if (before.length === 0) return now.forEach((set) => this.#enter(set, vertex));
    const come = new Set(now);
    for (const set of before) if (!come.delete(set)) this.#leave(set, vertex);
    for (const set of come) this.#enter(set, vertex);
  }

  /** Removes the vertex from all sets and from the label index. */
  leaveAll(vertex: Vertex): void {
    for (const set of this.#selectors.setsOf(vertex)) this.#leave(set, vertex);
    this.#selectors.leave(vertex);
  }

  /** Removes these template labels from the vertex, unless others replaced them meanwhile. */
  dropTemplate(vertex: Vertex, labels: Labels): void {
    if (this.#selectors.templateOf(vertex) === labels) this.setTemplate(vertex, undefined);
  }

  setTemplate(vertex: Vertex, labels: Labels | undefined): void {
    const before = vertex.present ? this.#selectors.setsOf(vertex) : [];
    this.#selectors.setTemplate(vertex, labels);
    if (vertex.present) this.#moveFrom(before, vertex);
  }

  /** After a Namespace changed its labels or was removed: updates the sets that select namespaces by label. */
  rechoose({ type, namespace, name }: Vertex, labels: Labels | undefined): void {
    if (type !== 'Namespace' || namespace !== '') return;
    for (const [filed, chosen] of this.#selectors.rechoose(name, labels)) {
      for (const vertex of this.#selectors.matchesIn(filed, name)) {
        if (chosen) this.#enter(filed.owner, vertex);
        else this.#leave(filed.owner, vertex);
      }
    }
  }

  /** Call between two changes: new sets may contain far more relations than the change itself. */
  settleIfFar(): void {
    if (this.#shown > this.#options.limit.selected * slack) this.settle();
  }

  /** Computes the share of each group. Call before a transaction ends. */
  settle(): void {
    const { selected } = this.#options.limit;
    if (this.#wanted <= selected && !this.#cut.any) return;
    const groups = [...this.#groups.values()];
    const share = fairShare(
      groups.map(({ wanted }) => wanted),
      selected,
    );
    // The largest groups shrink before others grow.
    for (const group of groups.sort((a, b) => b.wanted - a.wanted)) this.#settleGroup(group, share);
  }

  #settleGroup(group: SetGroup, share: number): void {
    const most = group.wanted <= share ? Number.POSITIVE_INFINITY : share;
    if (!group.changed && group.share === most) return;
    group.changed = false;
    group.share = most;
    if (most !== Number.POSITIVE_INFINITY || group.cutClaims > 0)
      this.#admit(group, admittedClaims(this.#options.claims, group.sets.values(), most));
    this.#cut.tell(group);
  }

  #admit(group: SetGroup, admitted: ReadonlyMap<SharedSet, ReadonlySet<ClaimRow>>): void {
    for (const [set, claims] of admitted)
      this.#hide(
        set,
        [...set.shown].filter((claim) => !claims.has(claim)),
      );
    for (const [set, claims] of admitted) {
      this.#show(
        set,
        [...claims].filter((claim) => !set.shows(claim)),
      );
      set.show(claims);
    }
    const shown = [...admitted].reduce((sum, [{ size }, claims]) => sum + size * claims.size, 0);
    this.#shown += shown - group.shown;
    group.shown = shown;
  }

  #hide(set: SharedSet, claims: readonly ClaimRow[]): void {
    if (claims.length === 0) return;
    const matches = this.#matchesOf(set);
    for (const claim of claims) {
      this.#unlink(claim, matches);
      this.#cut.add(this.#options.claims.speakerOf(claim), set.group);
    }
  }

  #show(set: SharedSet, claims: readonly ClaimRow[]): void {
    if (claims.length === 0) return;
    const matches = this.#matchesOf(set);
    for (const claim of claims) {
      this.#cut.remove(this.#options.claims.speakerOf(claim), set.group);
      this.#link(claim, matches);
    }
  }

  #sharedSetOf(claim: ClaimRow): SharedSet {
    const group = this.#groupOf(claim);
    const { source, target } = this.#options.claims.endsOf(claim) as Ends;
    const end = setEndOf(source, target) as SetEnd;
    const key = JSON.stringify(end);
    const known = group.sets.get(key);
    if (known) return known;
    const set = new SharedSet(key, end, group);
    group.sets.set(key, set);
    set.filed = this.#selectors.add(end, set);
    set.size = this.#matchesOf(set).length;
    return set;
  }

  #groupOf(claim: ClaimRow): SetGroup {
    const { relation } = this.#options.claims.reasonOf(claim).rule;
    const { namespace } = this.#options.claims.speakerOf(claim);
    const key = `${relation} ${namespace}`;
    const known = this.#groups.get(key);
    if (known) return known;
    const group = new SetGroup(relation, namespace);
    this.#groups.set(key, group);
    return group;
  }

  #forget(set: SharedSet): void {
    const { group, filed } = set;
    if (filed) this.#selectors.remove(filed);
    this.#members.forget(set);
    group.sets.delete(set.key);
    if (group.sets.size > 0) return;
    this.#groups.delete(`${group.relation} ${group.namespace}`);
    this.#cut.tell(group);
  }

  /** Looked for once, however many claims share the set, until it changes. */
  #matchesOf(set: SharedSet): readonly Vertex[] {
    const { filed } = set;
    return filed ? this.#members.of(set, () => [...this.#selectors.matchesOf(filed)]) : [];
  }

  #enter(set: SharedSet, vertex: Vertex): void {
    set.size++;
    this.#members.forget(set);
    this.#grow(set.group, set.claims.length, set.shownCount);
    for (const claim of set.shown) this.#linkOne(claim, vertex);
  }

  #leave(set: SharedSet, vertex: Vertex): void {
    set.size--;
    this.#members.forget(set);
    this.#grow(set.group, -set.claims.length, -set.shownCount);
    for (const claim of set.shown) this.#unlinkOne(claim, vertex);
  }

  #grow(group: SetGroup, wanted: number, shown: number): void {
    group.wanted += wanted;
    group.shown += shown;
    group.changed = true;
    this.#wanted += wanted;
    this.#shown += shown;
  }

  #link(claim: ClaimRow, vertices: Iterable<Vertex>): void {
    for (const vertex of vertices) this.#linkOne(claim, vertex);
  }

  #unlink(claim: ClaimRow, vertices: Iterable<Vertex>): void {
    for (const vertex of vertices) this.#unlinkOne(claim, vertex);
  }

  #linkOne(claim: ClaimRow, vertex: Vertex): void {
    this.#options.links.link(claim, ...this.#endsOf(claim, vertex));
  }

  #unlinkOne(claim: ClaimRow, vertex: Vertex): void {
    const [source, target] = this.#endsOf(claim, vertex);
    const { links, claims } = this.#options;
    const edge = findRow(source, claims.reasonOf(claim).rule.relation, target.id);
    if (edge !== noRow) links.unlink(claim, edge);
  }

  /** The fixed end of a set's relation and the matched member, as source and target. */
  #endsOf(claim: ClaimRow, matched: Vertex): [Vertex, Vertex] {
    const { claims, resolver } = this.#options;
    const { source, target } = claims.endsOf(claim) as Ends;
    const speaker = claims.speakerOf(claim);
    return [
      isSetEnd(source) ? matched : resolver.fixed(source, speaker),
      isSetEnd(target) ? matched : resolver.fixed(target, speaker),
    ];
  }
}
