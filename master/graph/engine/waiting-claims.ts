// Claims by UID or key: they are resolved again when their target changes.
import { each, withOne, withoutOne } from '../model/compact.ts';
import { noRow } from '../model/table.ts';
import type { Ends, Vertex } from '../model/vertex.ts';
import type { ClaimRow, ClaimTable } from './claim-table.ts';
import type { ClaimsByKey } from './claims-by-key.ts';
import type { EdgeTable } from './edge-table.ts';
import type { Links } from './links.ts';
import type { Resolver } from './resolver.ts';
import type { Transactions } from './transaction.ts';

/** Ids by field. */
export type Doubts = { readonly [field: string]: readonly string[] };

export interface WaitingClaimsOptions {
  readonly edges: EdgeTable;
  readonly resolver: Resolver;
  readonly links: Pick<Links, 'link' | 'unlink'>;
  readonly transactions: Pick<Transactions, 'touch'>;
  /** Claims to resolve again when the value of a key changes. */
  readonly byKey: ClaimsByKey;
  /** Reports what the references of a vertex may mean, by field; undefined when all are clear. */
  readonly tellAmbiguous: (vertex: Vertex, among: Doubts | undefined) => void;
}

export class WaitingClaims {
  readonly #options: WaitingClaimsOptions;
  readonly #doubts = new Map<Vertex, Map<ClaimRow, readonly Vertex[]>>();
  /** Speakers whose doubts changed: told once for all their claims. */
  readonly #untold = new Set<Vertex>();

  constructor(options: WaitingClaimsOptions) {
    this.#options = options;
  }

  claim(claim: ClaimRow): void {
    const { resolver, byKey } = this.#options;
    const { source, target } = this.#endsOf(claim);
    for (const end of [source, target]) {
      for (const vertex of resolver.awaitedBy(end)) vertex.awaited = withOne(vertex.awaited, claim);
      for (const key of resolver.keysOf(end)) byKey.add(key, claim);
    }
    this.resolveAgain(claim);
  }

  /** The caller unlinks its relation. */
  withdraw(claim: ClaimRow, { source, target }: Ends): void {
    const { resolver, byKey, transactions } = this.#options;
    for (const end of [source, target]) {
      for (const key of resolver.keysOf(end)) byKey.remove(key, claim);
      for (const vertex of resolver.awaitedBy(end)) {
        vertex.awaited = withoutOne(vertex.awaited, claim);
        transactions.touch(vertex);
      }
    }
    this.#doubt(claim, undefined);
  }

  /** The vertex came, went or changed its incarnation. */
  awaitedAgain(vertex: Vertex): void {
    for (const claim of each(vertex.awaited)) this.resolveAgain(claim);
  }

  resolveAgain(claim: ClaimRow): void {
    const { edges, resolver, links } = this.#options;
    const { source, target } = this.#endsOf(claim);
    this.#doubt(claim, resolver.ambiguous(source) ?? resolver.ambiguous(target));
    const speaker = edges.claims.speakerOf(claim);
    const from = resolver.resolve(source, speaker);
    const to = resolver.resolve(target, speaker);
    const before = edges.claims.edgeOf(claim);
    if (before !== noRow && from === edges.sourceOf(before) && to === edges.targetOf(before)) return;
    edges.claims.setEdge(claim, from && to ? links.link(claim, from, to) : noRow);
    if (before !== noRow) links.unlink(claim, before);
  }

  #endsOf(claim: ClaimRow): Ends {
    return this.#options.edges.claims.endsOf(claim) as Ends;
  }

  #doubt(claim: ClaimRow, among: readonly Vertex[] | undefined): void {
    const { claims } = this.#options.edges;
    const speaker = claims.speakerOf(claim);
    const of = this.#doubts.get(speaker) ?? new Map<ClaimRow, readonly Vertex[]>();
    if (!among && !of.delete(claim)) return;
    if (among) of.set(claim, among);
    if (of.size > 0) this.#doubts.set(speaker, of);
    else this.#doubts.delete(speaker);
    this.#untold.add(speaker);
  }

  /** Reports what has become clear or ambiguous. Call before a transaction ends. */
  settle(): void {
    const { edges, tellAmbiguous } = this.#options;
    for (const speaker of this.#untold) {
      this.#untold.delete(speaker);
      tellAmbiguous(speaker, doubtsIn(this.#doubts.get(speaker) ?? clear, edges.claims));
    }
  }
}

const clear: ReadonlyMap<ClaimRow, readonly Vertex[]> = new Map();

/** Maximum number of candidates listed. */
const mostDoubts = 10;

/** `{ field: [id, …] }`, sorted, independent of the order of arrival. */
function doubtsIn(doubts: ReadonlyMap<ClaimRow, readonly Vertex[]>, claims: ClaimTable): Doubts | undefined {
  if (doubts.size === 0) return undefined;
  const byField = new Map<string, readonly string[]>();
  for (const [claim, among] of doubts)
    byField.set(
      claims.reasonOf(claim).field,
      among.slice(0, mostDoubts).map(({ id }) => id),
    );
  return Object.fromEntries([...byField].sort(([a], [b]) => (a < b ? -1 : 1)));
}
