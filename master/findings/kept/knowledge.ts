// Whether the kinds that a rule needs are completely known: the absence of an unread object proves nothing.

import { getOrMake } from '../../../src/get-or-make.ts';
import { podSpecTypes } from '../../../src/pod-spec.ts';
import type { GraphReader } from '../../graph/contract.ts';
import { isSure } from '../../graph/engine/states.ts';
import type { FindingRule, ResourceFindingRule } from '../finding-rule.ts';

const workloads: ReadonlySet<string> = new Set(podSpecTypes);
/** The reason for kinds that are not in the given files. */
const notAmongFiles = 'not among the files given';

/** Whether the graph is of files: they never contain all kinds. */
export function isOfFiles(graph: GraphReader): boolean {
  for (const { reason } of graph.sources('kinds').values()) if (reason === notAmongFiles) return true;
  return false;
}

const known = '';

/** Rules in one namespace. */
export interface Decidable {
  readonly rules: readonly ResourceFindingRule[];
  /** Those that cannot decide, with the reason. */
  readonly lacking: readonly (readonly [rule: string, reason: string])[];
}

export class Knowledge {
  readonly #graph: GraphReader;
  readonly #watched: boolean;
  /** By rule and namespace: why it cannot decide; empty if it can. */
  readonly #reasons = new Map<FindingRule, Map<string, string>>();
  /** By list of rules and namespace. */
  readonly #decidable = new Map<readonly ResourceFindingRule[], Map<string, Decidable>>();

  constructor(graph: GraphReader, watched: boolean) {
    this.#graph = graph;
    this.#watched = watched;
  }

  /** Call when the known kinds may have changed. */
  forget(): void {
    this.#reasons.clear();
    this.#decidable.clear();
  }

  /** The same for all resources of a type in a namespace, so that it is not asked for each rule of each resource. */
  decidable(rules: readonly ResourceFindingRule[], namespace: string): Decidable {
    const byNamespace = getOrMake(this.#decidable, rules, () => new Map<string, Decidable>());
    return getOrMake(byNamespace, namespace, () => this.#decide(rules, namespace));
  }

  /** Why the rule cannot decide in that namespace; undefined if it can. */
  lackOf(rule: FindingRule, namespace: string): string | undefined {
    if (rule.remembers && !this.#watched) return 'it takes having watched';
    if (rule.reads.length === 0) return undefined;
    const reason = this.#reasons.get(rule)?.get(namespace) ?? this.#reasonOf(rule, namespace);
    return reason === known ? undefined : reason;
  }

  #decide(rules: readonly ResourceFindingRule[], namespace: string): Decidable {
    const lacks = rules.map((rule) => this.lackOf(rule, namespace));
    return {
      rules: rules.filter((_, at) => lacks[at] === undefined),
      lacking: rules.flatMap(({ name }, at) => {
        const reason = lacks[at];
        return reason === undefined ? [] : [[name, reason] as const];
      }),
    };
  }

  #reasonOf(rule: FindingRule, namespace: string): string {
    const reason = this.#lackIn(rule, namespace);
    getOrMake(this.#reasons, rule, () => new Map<string, string>()).set(namespace, reason);
    return reason;
  }

  /** Whether the rule's findings are true anyway: everything unknown is permanently left out and could only add findings. */
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

  /** Files with workloads of one kind are assumed to contain all other kinds of workloads too. */
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
