// What is known of revisions beside their changes, from when they were made until they are sent: it may be other by then.
import type { GraphReader } from '../graph/contract.ts';
import type { Version } from '../graph/model/vertex.ts';
import type { Change } from '../graph/revisions/changes.ts';
import { extraOf } from './extra.ts';
import type { Completeness, KeyName, Relist } from './records.ts';

export interface NotedRevision {
  readonly relists: readonly Relist[] | undefined;
  readonly completeness: Completeness | undefined;
  /** Of all revisions up to this one. */
  readonly names?: readonly KeyName[];
}

export class RevisionNotes {
  readonly #graph: GraphReader;
  readonly #references: boolean;
  readonly #extras = new Map<Version, string>();
  readonly #relists = new Map<number, Relist[]>();
  readonly #completeness = new Map<number, Completeness>();
  #names: KeyName[] = [];

  /** `references`: they are noted, too. */
  constructor(graph: GraphReader, references: boolean) {
    this.#graph = graph;
    this.#references = references;
  }

  note({ resources, revision, completeness }: Change): void {
    const graph = this.#graph;
    if (completeness !== undefined)
      this.#completeness.set(revision, { short: completeness, full: graph.completeness('full') });
    for (const { id, version } of resources) {
      const vertex = graph.get(id);
      if (!vertex) continue;
      const known = { standing: graph.standingOf(vertex), from: version.from, to: version.to };
      // Stored as text: a copy of the vertex would be several objects, which survive several garbage collections before they are
      // sent.
      this.#extras.set(version, extraOf(vertex, known, this.#references));
    }
  }

  noteRelist(revision: number, relist: Relist): void {
    this.#relists.set(revision, [...(this.#relists.get(revision) ?? []), relist]);
  }

  noteName(name: KeyName): void {
    this.#names.push(name);
  }

  /** See `extra.ts`. It is forgotten. */
  takeExtra(version: Version): string {
    const extra = this.#extras.get(version);
    this.#extras.delete(version);
    return extra ?? '{"name":"","label":"","there":true,"properties":[0,0]}';
  }

  /** It is forgotten. `isLast`: of those that are sent together, which names go with. */
  take(revision: number, isLast: boolean): NotedRevision {
    const relists = this.#relists.get(revision);
    const completeness = this.#completeness.get(revision);
    this.#relists.delete(revision);
    this.#completeness.delete(revision);
    if (!isLast) return { relists, completeness };
    const names = this.#names;
    this.#names = [];
    return { relists, completeness, names };
  }

  clear(): void {
    this.#relists.clear();
    this.#completeness.clear();
    this.#extras.clear();
    this.#names = [];
  }
}
