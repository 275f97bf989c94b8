// Compiles a declared finding to a rule, which behaves like a built-in one.

import type { Vertex } from '../../graph/model/vertex.ts';
import type { Wildcards } from '../../graph/questions/wildcard.ts';
import { kinds } from '../../kinds/index.ts';
import { typeOfKind } from '../../kinds/lookup.ts';
import { typeListOf, typesCalled } from '../../kinds/types-called.ts';
import { rules } from '../../relations/index.ts';
import type { Rule } from '../../relations/relation.ts';
import { virtualTypes } from '../../relations/virtual.ts';
import type { FindingView, Found, ResourceFindingRule } from '../finding-rule.ts';
import { type Condition, fieldCondition, type Proven, relationCondition } from './conditions.ts';
import type { DeclaredFinding } from './declaration.ts';
import { pathCondition } from './reach.ts';

export function findingRuleOf(declared: DeclaredFinding): ResourceFindingRule {
  const { finding: name, class: kind, severity, sentence, remedy, link, type } = declared;
  const isPattern = type.some((each) => each.includes('*'));
  const isMeant = testOf(declared);
  const conditions = conditionsOf(declared);
  const { reads, othersMay } = speakersFor(declared);
  return {
    name,
    group: 'own',
    class: kind,
    severity,
    sentence,
    remedy,
    link,
    types: isPattern ? ['*'] : type.flatMap(typesCalled),
    reads,
    of(vertex, view) {
      if (!isMeant(vertex)) return undefined;
      const proven: Proven[] = [];
      for (const condition of conditions) {
        const found = condition(vertex, view);
        if (!found) return undefined;
        proven.push(found);
      }
      return { ...foundOf(declared, vertex, proven, view), ...(othersMay ? { possibly: true } : {}) };
    },
  };
}

/** Kinds read in every cluster. */
const usualTypes: ReadonlySet<string> = new Set(kinds.map(typeOfKind));

/** The cheap conditions on the resource alone. */
function testOf({ type, namespace, selector, health }: DeclaredFinding): (vertex: Vertex) => boolean {
  const isType = typeListOf(type.join(','), 'type');
  return (vertex) =>
    vertex.present &&
    isType(vertex.type) &&
    (namespace?.(vertex.namespace) ?? true) &&
    (selector?.matches(vertex.labels) ?? true) &&
    (health === undefined || (vertex.health !== undefined && health.includes(vertex.health.state)));
}

function conditionsOf({ age, where = [], relations = [], path, health }: DeclaredFinding): readonly Condition[] {
  return [
    ...(health === undefined ? [] : [healthProof]),
    ...(age === undefined ? [] : [olderThan(age)]),
    ...where.map(fieldCondition),
    ...relations.map(relationCondition),
    ...(path ? [pathCondition(path)] : []),
  ];
}

const healthProof: Condition = ({ health }) => ({ field: health?.field, value: health?.reason, path: [] });

function olderThan(age: number): Condition {
  return (vertex, view) => {
    const { metadata } = view.object(vertex) as { readonly metadata?: { readonly creationTimestamp?: unknown } };
    return view.isPast(metadata?.creationTimestamp, age) ? { path: [] } : undefined;
  };
}

interface Speakers {
  /** While one of them is incomplete, nothing is proven. */
  readonly reads: readonly string[];
  /** Kinds of some clusters only may state it too. */
  readonly othersMay: boolean;
}

/** The kinds that could state what is missing. */
function speakersFor({ relations = [], path }: DeclaredFinding): Speakers {
  const absent = relations.filter(({ most }) => most !== Number.POSITIVE_INFINITY);
  const ofRelations = absent.flatMap(({ relation, direction, type, types }) => [
    ...types,
    ...speakersOf((rule) => relation(rule.relation) && leadsTo(direction === 'out' ? rule.target : rule.source, type)),
  ]);
  const ofPath = path?.missing ? [...path.types, ...speakersOf(({ relation }) => path.over?.(relation) ?? true)] : [];
  const all = [...new Set([...ofRelations, ...ofPath])].filter((each) => !Object.hasOwn(virtualTypes, each));
  return { reads: all.filter((each) => usualTypes.has(each)), othersMay: all.some((each) => !usualTypes.has(each)) };
}

function speakersOf(says: (rule: Rule) => boolean): readonly string[] {
  return rules.filter(says).flatMap(({ reads }) => reads);
}

function leadsTo(types: readonly string[], type: Wildcards | undefined): boolean {
  return type === undefined || types.some((each) => each.includes('*') || type(each));
}

function foundOf(declared: DeclaredFinding, vertex: Vertex, proven: readonly Proven[], view: FindingView): Found {
  const on = declared.itself ? vertex : view.rootOf(vertex);
  const path = proven.flatMap((each) => each.path);
  const count = proven.map((each) => each.count).find((each) => each !== undefined);
  const other = path.at(-1);
  const values: { readonly [name: string]: string | undefined } = {
    id: on.id,
    type: on.type,
    name: on.name,
    namespace: on.namespace,
    value: proven.map(({ value }) => value).find((value) => value !== undefined),
    count: count === undefined ? undefined : String(count),
    other: other && (other.target === vertex ? other.source.id : other.target.id),
  };
  return {
    on,
    sentence: declared.sentence.replaceAll(/\{(\w+)\}/g, (hole, name: string) =>
      Object.hasOwn(values, name) ? (values[name] ?? '') : hole,
    ),
    field: proven.map(({ field }) => field).find((field) => field !== undefined && field !== ''),
    path,
    affected: [vertex],
  };
}
