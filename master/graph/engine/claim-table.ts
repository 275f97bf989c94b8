// All claims, in columns: the speaker, the reason and the relation made; the claims of each vertex, and the claims behind
// each relation. Outside of the engine a claim is an object, created on demand.

import { emptyList, type Lists } from '../model/lists.ts';
import { NumberColumn } from '../model/number-column.ts';
import { ObjectColumn } from '../model/object-column.ts';
import { keyIn, type PackedEnds, packed, unpacked } from '../model/packed-ends.ts';
import { noRow, Table, type TableSize } from '../model/table.ts';
import type { Claim, EdgeFlags, Ends, Reason, SpokenClaim, Vertex } from '../model/vertex.ts';
import type { EdgeRow, EdgeTable } from './edge-table.ts';

/** Number of a claim, valid until it is withdrawn. */
export type ClaimRow = number;

/** Number of a list of a vertex's claims, current or past. */
export type SaidList = number;

const noFlags: EdgeFlags = { all: 0, any: 0 };

export class ClaimTable {
  readonly #edges: EdgeTable;
  readonly #lists: Lists;
  readonly #table: Table;
  readonly #speaker: NumberColumn;
  readonly #reason: ObjectColumn<Reason>;
  readonly #ends: ObjectColumn<PackedEnds>;
  /** The relation that it makes. */
  readonly #edge: NumberColumn;
  /** By vertex: list of its claims. */
  readonly #said: NumberColumn;
  /** By relation: list of the claims that make it. */
  readonly #making: NumberColumn;

  constructor(edges: EdgeTable, edgeTable: Table) {
    const { epochs, lists, table: vertexTable } = edges.rows;
    this.#edges = edges;
    this.#lists = lists;
    this.#table = new Table(epochs);
    this.#speaker = new NumberColumn(this.#table);
    this.#reason = new ObjectColumn(this.#table);
    this.#ends = new ObjectColumn(this.#table);
    this.#edge = new NumberColumn(this.#table);
    this.#said = new NumberColumn(vertexTable);
    this.#making = new NumberColumn(edgeTable);
  }

  add(speaker: Vertex, reason: Reason, ends: Ends | undefined): ClaimRow {
    const claim = this.#table.add();
    this.#speaker.set(claim, speaker.row);
    this.#reason.set(claim, reason);
    if (ends) this.#ends.set(claim, packed(ends));
    return claim;
  }

  /** Removes the claim. Current readers keep seeing it as it was. */
  remove(claim: ClaimRow): void {
    this.#table.retire(claim);
  }

  speakerOf(claim: ClaimRow): Vertex {
    return this.#edges.rows.at(this.#speaker.get(claim));
  }

  reasonOf(claim: ClaimRow): Reason {
    return this.#reason.get(claim) as Reason;
  }

  /** See Claim. */
  endsOf(claim: ClaimRow): Ends | undefined {
    return unpacked(this.#ends.get(claim));
  }

  /** `INDEX KEY`, for a claim that states a fact under a key. */
  factKeyOf(claim: ClaimRow): string {
    return keyIn(this.#ends.get(claim));
  }

  /** The relation that it makes, if any. Relations of a claim about a set are stored elsewhere. */
  edgeOf(claim: ClaimRow): EdgeRow {
    return this.#edge.get(claim);
  }

  setEdge(claim: ClaimRow, edge: EdgeRow): void {
    this.#edge.set(claim, edge);
  }

  claimAt(claim: ClaimRow): Claim {
    return { speaker: this.speakerOf(claim), reason: this.reasonOf(claim) };
  }

  /** The same with the fields that only its speaker needs. */
  spokenAt(claim: ClaimRow): SpokenClaim {
    const edge = this.edgeOf(claim);
    return {
      speaker: this.speakerOf(claim),
      reason: this.reasonOf(claim),
      ends: this.endsOf(claim),
      edge: edge === noRow ? undefined : this.#edges.edgeAt(edge),
    };
  }

  // --- claims of a vertex -----------------------------------------------------------------------------------------------

  saysNothing({ row }: Vertex): boolean {
    return row === noRow || this.#lists.lengthOf(this.#said.get(row)) === 0;
  }

  /** How many claims it says. */
  countSaidBy({ row }: Vertex): number {
    return row === noRow ? 0 : this.#lists.lengthOf(this.#said.get(row));
  }

  /** In the order of the rules. */
  saidBy({ row }: Vertex): readonly ClaimRow[] {
    return row === noRow ? [] : this.#lists.valuesOf(this.#said.get(row));
  }

  setSaid({ row }: Vertex, claims: readonly ClaimRow[]): void {
    this.#lists.retire(this.#said.get(row));
    this.#said.set(row, this.#lists.of(claims));
  }

  /** The vertex's claims now; later changes do not affect this list. */
  listSaidBy({ row }: Vertex): SaidList {
    return row === noRow ? emptyList : this.#said.get(row);
  }

  spokenIn(list: SaidList): SpokenClaim[] {
    return this.#lists.map(list, (claim) => this.spokenAt(claim));
  }

  /** Those of rules of these names alone: nothing is made of the others. */
  spokenBy(list: SaidList, rules: ReadonlySet<string>): SpokenClaim[] {
    const found: SpokenClaim[] = [];
    for (let i = 0; i < this.#lists.lengthOf(list); i++) {
      const claim = this.#lists.at(list, i);
      if (rules.has(this.reasonOf(claim).rule.name)) found.push(this.spokenAt(claim));
    }
    return found;
  }

  // --- claims of a relation ---------------------------------------------------------------------------------------------

  claimsOf(edge: EdgeRow): Claim[] {
    return this.#lists.map(this.#making.get(edge), (claim) => this.claimAt(claim));
  }

  /** Whether a claim still makes it; false for a removed relation. */
  isMade(edge: EdgeRow): boolean {
    return this.#lists.lengthOf(this.#making.get(edge)) > 0;
  }

  /** Calls `visit` with the flags of each claim that makes the relation. */
  eachFlags(edge: EdgeRow, visit: (flags: number) => void): void {
    const list = this.#making.get(edge);
    for (let i = 0; i < this.#lists.lengthOf(list); i++) visit(this.reasonOf(this.#lists.at(list, i)).flags);
  }

  /** Both zero for a relation that nothing makes. */
  flagsOf(edge: EdgeRow): EdgeFlags {
    const list = this.#making.get(edge);
    const length = this.#lists.lengthOf(list);
    if (length === 0) return noFlags;
    let [all, any] = [-1, 0];
    for (let i = 0; i < length; i++) {
      const { flags } = this.reasonOf(this.#lists.at(list, i));
      all &= flags;
      any |= flags;
    }
    return { all, any };
  }

  makes(claim: ClaimRow, edge: EdgeRow): void {
    this.#making.set(edge, this.#lists.append(this.#making.get(edge), claim));
  }

  /** Detaches the claim; whether no other claim makes the relation. */
  makesNoMore(claim: ClaimRow, edge: EdgeRow): boolean {
    const list = this.#making.get(edge);
    const at = this.#lists.indexOf(list, claim);
    if (at >= 0) this.#making.set(edge, this.#lists.removeAt(list, at));
    return this.isMade(edge);
  }

  reclaim(): void {
    this.#table.reclaim();
  }

  get size(): TableSize {
    return this.#table.size;
  }
}
