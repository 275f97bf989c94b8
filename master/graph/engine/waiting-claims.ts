// Claims by UID or key: what they name may change, and then they are resolved again.
import { each, withOne, withoutOne } from '../model/compact.ts';
import { drop, setOf } from '../model/sets.ts';
import type { Claim, Ends, Vertex } from '../model/vertex.ts';
import type { Links } from './links.ts';
import type { Resolver } from './resolver.ts';
import type { Transactions } from './transaction.ts';

/** Ids by field. */
export type Doubts = { readonly [field: string]: readonly string[] };

export interface WaitingClaimsOptions {
  readonly resolver: Resolver;
  readonly links: Pick<Links, 'link' | 'unlink'>;
  readonly transactions: Pick<Transactions, 'touch'>;
  /** Those that look again when what is under a key changes. */
  readonly byKey: Map<string, Set<Claim>>;
  /** Told what the references of a vertex might mean, by their fields; undefined where all are clear. */
  readonly tellAmbiguous: (vertex: Vertex, among: Doubts | undefined) => void;
}

export class WaitingClaims {
  readonly #options: WaitingClaimsOptions;
  readonly #doubts = new Map<Vertex, Map<Claim, readonly Vertex[]>>();

  constructor(options: WaitingClaimsOptions) {
    this.#options = options;
  }

  claim(claim: Claim): void {
    const { resolver, byKey } = this.#options;
    const { source, target } = claim.ends as Ends;
    for (const end of [source, target]) {
      for (const vertex of resolver.awaitedBy(end)) vertex.awaited = withOne(vertex.awaited, claim);
      for (const key of resolver.keysOf(end)) setOf(byKey, key).add(claim);
    }
    this.resolveAgain(claim);
  }

  /** Its relation is unlinked elsewhere. */
  withdraw(claim: Claim, { source, target }: Ends): void {
    const { resolver, byKey, transactions } = this.#options;
    for (const end of [source, target]) {
      for (const key of resolver.keysOf(end)) drop(byKey, key, claim);
      for (const vertex of resolver.awaitedBy(end)) {
        vertex.awaited = withoutOne(vertex.awaited, claim);
        transactions.touch(vertex);
      }
    }
    this.#doubt(claim, undefined);
  }

  /** The vertex came, went, or is another incarnation. */
  awaitedAgain(vertex: Vertex): void {
    for (const claim of each(vertex.awaited)) this.resolveAgain(claim);
  }

  resolveAgain(claim: Claim): void {
    const { resolver, links } = this.#options;
    const { source, target } = claim.ends as Ends;
    this.#doubt(claim, resolver.ambiguous(source) ?? resolver.ambiguous(target));
    const from = resolver.resolve(source, claim.speaker);
    const to = resolver.resolve(target, claim.speaker);
    const before = claim.edge;
    if (before && from === before.source && to === before.target) return;
    claim.edge = from && to ? links.link(claim, from, to) : undefined;
    if (before) links.unlink(claim, before);
  }

  #doubt(claim: Claim, among: readonly Vertex[] | undefined): void {
    const { speaker } = claim;
    const of = this.#doubts.get(speaker) ?? new Map<Claim, readonly Vertex[]>();
    if (!among && !of.delete(claim)) return;
    if (among) of.set(claim, among);
    if (of.size > 0) this.#doubts.set(speaker, of);
    else this.#doubts.delete(speaker);
    this.#options.tellAmbiguous(speaker, doubtsIn(of));
  }
}

/** So many are listed of what a reference may mean. */
const mostDoubts = 10;

/** `{ field: [id, …] }`, in order whatever came first. */
function doubtsIn(doubts: ReadonlyMap<Claim, readonly Vertex[]>): Doubts | undefined {
  if (doubts.size === 0) return undefined;
  const byField = new Map<string, readonly string[]>();
  for (const [{ reason }, among] of doubts)
    byField.set(
      reason.field,
      among.slice(0, mostDoubts).map(({ id }) => id),
    );
  return Object.fromEntries([...byField].sort(([a], [b]) => (a < b ? -1 : 1)));
}
