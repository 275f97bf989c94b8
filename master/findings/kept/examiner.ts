// Runs rules on one resource, or on the whole graph, and makes drafts of what they find.
import { timestampOf, type WallTime } from '../../../src/clock.ts';
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import { acceptanceOf } from '../acceptance.ts';
import type { AcceptancesSeen, FindingRule, Found, GraphFindingRule, ResourceFindingRule } from '../finding-rule.ts';
import type { FindingSettings } from '../finding-settings.ts';
import type { Asked } from './asked.ts';
import type { Choices } from './choices.ts';
import type { Looked } from './dependencies.ts';
import { type Draft, draftOf } from './draft.ts';
import type { Knowledge } from './knowledge.ts';
import { LookingView, Undecidable } from './looking-view.ts';
import { Memories } from './memories.ts';
import { Objects } from './objects.ts';

export interface ExaminerOptions {
  readonly graph: GraphReader;
  readonly knowledge: Knowledge;
  readonly choices: Choices;
  readonly acceptances: AcceptancesSeen;
  readonly settings: () => FindingSettings;
  /** Called when a rule throws. */
  readonly onProblem: (problem: { readonly rule: string; readonly id: string; readonly error: unknown }) => void;
}

/** Key of results from rules on the whole graph. */
export const wholeGraph = '';
/** Maximum findings of one rule on one resource: an object may name twenty thousand missing ones. */
const mostOfOne = 100;

export class Examiner {
  readonly #options: ExaminerOptions;
  readonly #memories = new Memories();
  readonly #objects: Objects;

  constructor(options: ExaminerOptions) {
    this.#options = options;
    this.#objects = new Objects(options.graph);
  }

  /** A view for rules; `looked` records the dependencies. */
  view(looked?: Looked): LookingView {
    const { graph, acceptances, choices } = this.#options;
    return new LookingView({
      ...{ graph, acceptances, choices, objects: this.#objects },
      memoryOf: (name, id, make) => this.#memories.of(name, id, make),
      ...(looked ? { looked } : {}),
    });
  }

  /** Runs rules on one resource, through a view that was turned to it. */
  ask(rules: readonly ResourceFindingRule[], vertex: Vertex, asked: Asked, view: LookingView): void {
    const decidable = this.#options.knowledge.decidable(rules, vertex.namespace);
    for (const [rule, reason] of decidable.lacking) asked.undecided(rule, reason);
    for (const rule of decidable.rules) this.#ask(rule, vertex, asked, view);
  }

  #ask(rule: ResourceFindingRule, vertex: Vertex, asked: Asked, view: LookingView): void {
    view.begin(rule.name);
    try {
      const found = rule.of(vertex, view);
      if (found === undefined && view.unsure.size === 0) return;
      const all = found === undefined ? [] : asList(found);
      for (const one of all.slice(0, mostOfOne)) asked.found(this.#draft(rule, vertex, one, view));
      if (all.length > mostOfOne)
        asked.partly(rule.name, `only ${mostOfOne} of ${all.length} on one resource are told`);
      if (view.unsure.size > 0) asked.unsure(rule.name, view.unsure);
    } catch (error) {
      this.#failed(rule, vertex.id, error, asked);
    }
  }

  /** Runs one rule on the whole graph. */
  *askGraph(rule: GraphFindingRule, asked: Asked, view: LookingView): Steps<void> {
    const { knowledge } = this.#options;
    const lack = knowledge.lackOf(rule, '');
    if (lack !== undefined) {
      if (!knowledge.findsWithout(rule)) return asked.undecided(rule.name, lack);
      asked.partly(rule.name, lack);
    }
    view.begin(rule.name);
    try {
      for (const found of yield* rule.over(view)) asked.found(this.#draft(rule, undefined, found, view));
    } catch (error) {
      this.#failed(rule, wholeGraph, error, asked);
    }
  }

  /** Drops what rules remember of the resource. */
  forget(id: string): void {
    this.#memories.forget(id);
  }

  /** Drops parsed objects: call at the end of a round. */
  clearObjects(): void {
    this.#objects.clear();
  }

  #failed({ name }: FindingRule, id: string, error: unknown, asked: Asked): void {
    if (error instanceof Undecidable) asked.undecided(name, error.message);
    else this.#options.onProblem({ rule: name, id, error });
  }

  #draft(rule: FindingRule, subject: Vertex | undefined, found: Found, view: LookingView): Draft {
    const { accept, acceptsByAnnotation } = this.#options.settings();
    const byAnnotation = acceptsByAnnotation(rule.name);
    const names = [rule.name, ...(rule.aliases ?? [])];
    const accepted = acceptanceOf({ names, subject, on: found.on, byAnnotation }, accept, view);
    const asOf = subject ? {} : { asOf: timestampOf(view.now as WallTime) };
    return draftOf(rule, subject?.id ?? wholeGraph, found, {
      accepted,
      fieldOf: (edge) => view.fieldOf(edge),
      ...asOf,
    });
  }
}

function asList(found: Found | readonly Found[]): readonly Found[] {
  return Array.isArray(found) ? (found as readonly Found[]) : [found as Found];
}
