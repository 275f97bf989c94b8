// Whether what a rule rests on is known whole: the absence of what was not read proves nothing.

import { getOrMake } from '../../../src/get-or-make.ts';
import { podSpecTypes } from '../../../src/pod-spec.ts';
import type { GraphReader } from '../../graph/contract.ts';
import { isSure } from '../../graph/engine/states.ts';
import type { FindingRule } from '../finding-rule.ts';

const workloads: ReadonlySet<string> = new Set(podSpecTypes);
/** What is said of kinds that files do not hold. */
const notAmongFiles = 'not among the files given';
const known = '';

export class Knowledge {
  readonly #graph: GraphReader;
  readonly #watched: boolean;
  /** By rule and namespace: why it cannot tell; empty where it can. */
  readonly #reasons = new Map<FindingRule, Map<string, string>>();

  constructor(graph: GraphReader, watched: boolean) {
    this.#graph = graph;
    this.#watched = watched;
  }

  /** To be called when what is known may be something else. */
  forget(): void {
    this.#reasons.clear();
  }

  /** Why the rule cannot tell in that namespace; undefined where it can. */
  lackOf(rule: FindingRule, namespace: string): string | undefined {
    if (rule.remembers && !this.#watched) return 'it takes having watched';
    if (rule.reads.length === 0) return undefined;
    const ofRule = getOrMake(this.#reasons, rule, () => new Map<string, string>());
    return getOrMake(ofRule, namespace, () => this.#lackIn(rule, namespace)) || undefined;
  }

  /** Whether what the rule finds is true all the same: all that it lacks is left out for good, and could only add to it. */
  findsWithout({ reads, onlyAdds }: FindingRule): boolean {
    if (!onlyAdds) return false;
    const kinds = this.#graph.sources('kinds');
    return reads.every((kind) => this.#isKnown(kind, '') || kinds.get(kind)?.state === 'excluded');
  }

  *sureKinds(): Generator<string> {
    for (const [type, { state }] of this.#graph.sources('kinds')) if (isSure(state)) yield type;
  }

  #lackIn({ reads }: FindingRule, namespace: string): string {
    for (const kind of reads) if (!this.#isKnown(kind, namespace)) return this.#whyUnknown(kind);
    return known;
  }

  /** Files that hold workloads of one kind are taken to hold those of the others, too. */
  #isKnown(kind: string, namespace: string): boolean {
    if (this.#graph.isKnown(kind, namespace)) return true;
    if (!workloads.has(kind) || this.#graph.sources('kinds').get(kind)?.reason !== notAmongFiles) return false;
    for (const other of workloads) if (this.#graph.isKnown(other, namespace)) return true;
    return false;
  }

  #whyUnknown(kind: string): string {
    const state = this.#graph.sources('kinds').get(kind);
    if (state?.state === 'excluded') return `${kind} is left out${state.reason ? `: ${state.reason}` : ''}`;
    return `${kind} is ${state && !isSure(state.state) ? state.state : 'not wholly seen'}`;
  }
}
