// Keeps subsets of resources (see `Choice`) and whether any resource of a type exists. Rules that use them run again only when
// the subset changes, not at every change of the type.
import { getOrMake } from '../../../src/get-or-make.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import type { RemovedResource } from '../../graph/revisions/changes.ts';
import type { Choice } from '../finding-rule.ts';
import { together } from './dependencies.ts';

/** Undefined for whether any resource of a type exists. */
type OnChanged = (what: string, choice?: Choice) => void;

export class Choices {
  readonly #graph: GraphReader;
  /** By choice: the text about each member. */
  readonly #chosen = new Map<Choice, Map<string, string>>();
  /** By choice: the ids of its members in order, for those that a rule went through: many resources ask for the same ones. */
  readonly #sorted = new Map<Choice, readonly string[]>();
  /** By choice: the distinct texts, for those that a rule asked for. */
  readonly #values = new Map<Choice, ReadonlySet<string>>();
  /** By type and namespace: whether any existed at the last check. */
  readonly #any = new Map<string, boolean>();

  constructor(graph: GraphReader) {
    this.#graph = graph;
  }

  /** In order of ids. */
  *members(choice: Choice): Generator<Vertex> {
    for (const id of getOrMake(this.#sorted, choice, () => [...this.#of(choice).keys()].sort(textOrder))) {
      const vertex = this.#graph.get(id);
      if (vertex?.present) yield vertex;
    }
  }

  /** The distinct texts about its members. */
  values(choice: Choice): ReadonlySet<string> {
    return getOrMake(this.#values, choice, () => new Set(this.#of(choice).values()));
  }

  said(choice: Choice, id: string): string | undefined {
    return this.#of(choice).get(id);
  }

  any(type: string, namespace: string | undefined): boolean {
    return getOrMake(this.#any, together.any(type, namespace), () => this.#isAny(type, namespace));
  }

  /** Call when a resource was added, changed or removed. Calls `changed` for each key that has another value now. */
  note({ id, type, namespace }: RemovedResource, changed: OnChanged): void {
    for (const [choice, ids] of this.#chosen) if (isOf(choice, type)) this.#renew(choice, ids, id, changed);
    if (this.#any.size === 0) return;
    this.#lookAgain(type, namespace, changed);
    this.#lookAgain(type, undefined, changed);
  }

  #renew(choice: Choice, ids: Map<string, string>, id: string, changed: OnChanged): void {
    const vertex = this.#graph.get(id);
    const now = vertex?.present ? choice.of(vertex) : undefined;
    if (now === ids.get(id)) return;
    if (now === undefined || !ids.has(id)) this.#sorted.delete(choice);
    if (now === undefined) ids.delete(id);
    else ids.set(id, now);
    changed(together.chosen(choice.name), choice);
    changed(together.chosen(choice.name, id), choice);
    this.#renewValues(choice, ids, changed);
  }

  #renewValues(choice: Choice, ids: ReadonlyMap<string, string>, changed: OnChanged): void {
    const before = this.#values.get(choice);
    if (!before) return;
    const now = new Set(ids.values());
    if (now.size === before.size && now.isSubsetOf(before)) return;
    this.#values.set(choice, now);
    changed(together.values(choice.name), choice);
  }

  #lookAgain(type: string, namespace: string | undefined, changed: OnChanged): void {
    const key = together.any(type, namespace);
    const before = this.#any.get(key);
    if (before === undefined || before === this.#isAny(type, namespace)) return;
    this.#any.set(key, !before);
    changed(key);
  }

  #isAny(type: string, namespace: string | undefined): boolean {
    const found = namespace === undefined ? this.#graph.namespacesOf(type) : this.#graph.members(type, namespace);
    for (const _ of found) return true;
    return false;
  }

  #of(choice: Choice): Map<string, string> {
    return getOrMake(this.#chosen, choice, () => this.#choose(choice));
  }

  #choose(choice: Choice): Map<string, string> {
    const chosen = new Map<string, string>();
    const types = choice.types.includes('*') ? this.#graph.counts().keys() : choice.types;
    for (const type of types)
      for (const namespace of this.#graph.namespacesOf(type))
        for (const vertex of this.#graph.members(type, namespace)) {
          const said = choice.of(vertex);
          if (said !== undefined) chosen.set(vertex.id, said);
        }
    return chosen;
  }
}

function isOf({ types }: Choice, type: string): boolean {
  return types.includes(type) || types.includes('*');
}
