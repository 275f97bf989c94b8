// The checked registry of rules over relations, and the graph's derivation made of them.
import type { Vertex } from '../../graph/model/vertex.ts';
import type { Health } from '../health.ts';
import * as all from './all.ts';
import { checkedDerivedRules } from './check.ts';
import type { DerivedRule, Surroundings } from './derived-rule.ts';

export const derivedHealthRules: readonly DerivedRule[] = checkedDerivedRules(Object.values(all));

const byType = groupedBy(({ types }) => types);
/** Relations over which others depend on the health of a type. */
const restingOn = new Map(
  [...groupedBy(({ reads }) => reads)].map(
    ([type, rules]) => [type, new Set(rules.flatMap(({ over }) => over))] as const,
  ),
);

export const healthDerivation = {
  annotation: 'health',
  restsOnKinds: Object.fromEntries(
    [...groupedBy(({ restsOnKinds }) => restsOnKinds)].map(([kind, rules]) => [
      kind,
      rules.flatMap(({ types }) => types),
    ]),
  ),
  of(vertex: Vertex, around: Surroundings): Health | undefined {
    let health = vertex.ownHealth;
    for (const rule of byType.get(vertex.type) ?? []) health = rule.of(vertex, health, around) ?? health;
    return health;
  },
  same: (a: Health, b: Health): boolean =>
    a.state === b.state && a.reason === b.reason && a.field === b.field && a.ready === b.ready && a.from === b.from,
  *dependents({ type, in: into }: Vertex): Generator<Vertex> {
    const over = restingOn.get(type);
    if (over) for (const edge of into) if (over.has(edge.type)) yield edge.source;
  },
} as const;

function groupedBy(keys: (rule: DerivedRule) => readonly string[]): Map<string, DerivedRule[]> {
  const groups = new Map<string, DerivedRule[]>();
  for (const rule of derivedHealthRules) {
    for (const key of keys(rule)) groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  return groups;
}
