// Reports relations that the limit left out: the number by group, and the relation types by object.
import type { AnnotationValue } from '../model/annotation.ts';
import type { Vertex } from '../model/vertex.ts';
import type { SetGroup } from './shared-sets.ts';

export interface CutListener {
  /** The number of omitted relations of a group in words; undefined once none is omitted. */
  readonly tellCut: (group: string, said: string | undefined) => void;
  readonly annotate: (vertex: Vertex, name: string, value: AnnotationValue | undefined) => void;
}

/** The family in `completeness` that lists omitted relations. */
export const cutFamily = 'relations';
/** The annotation with the relation types omitted for an object's selectors. */
export const cutAnnotation = 'cut';

export class CutRelations {
  readonly #listener: CutListener;
  /** Number of claims by speaker and relation type. */
  readonly #bySpeaker = new Map<Vertex, Map<string, number>>();

  constructor(listener: CutListener) {
    this.#listener = listener;
  }

  get any(): boolean {
    return this.#bySpeaker.size > 0;
  }

  add(speaker: Vertex, group: SetGroup): void {
    group.cutClaims++;
    this.#count(speaker, group.relation, 1);
  }

  remove(speaker: Vertex, group: SetGroup): void {
    group.cutClaims--;
    this.#count(speaker, group.relation, -1);
  }

  tell(group: SetGroup): void {
    const { name, wanted, shown, told } = group;
    const said = wanted > shown ? `cut: ${wanted - shown} of ${wanted}, selectors make too many` : undefined;
    if (said === told) return;
    group.told = said;
    this.#listener.tellCut(name, said);
  }

  #count(speaker: Vertex, relation: string, by: number): void {
    const counts = this.#bySpeaker.get(speaker) ?? new Map<string, number>();
    const before = counts.get(relation) ?? 0;
    const now = before + by;
    if (now > 0) counts.set(relation, now);
    else counts.delete(relation);
    if (counts.size > 0) this.#bySpeaker.set(speaker, counts);
    else this.#bySpeaker.delete(speaker);
    if (before === 0 || now === 0)
      this.#listener.annotate(speaker, cutAnnotation, counts.size > 0 ? [...counts.keys()].sort() : undefined);
  }
}
