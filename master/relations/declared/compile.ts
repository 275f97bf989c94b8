// Compiles a declaration to a rule that never throws: each field is checked on reading, and the number of references is
// limited.
import { typeOf } from '../../../src/ids.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import type { Dependence, Reference, Rule } from '../relation.ts';
import { bounded } from './bounded.ts';
import { type Declaration, type Shape, shapeOf, usualLimit } from './declaration.ts';
import { type Find, hostFinder, markFinder, nameFinder, refFinder, selectorFinder } from './finders.ts';
import { nameOfRule, sentenceOf } from './words.ts';

const usualRelation: { readonly [shape in Shape]: string } = {
  ref: 'refersTo',
  name: 'uses',
  selector: 'selects',
  label: 'contains',
  annotation: 'contains',
  host: 'routesTo',
};
const usualDependence: { readonly [shape in Shape]: Dependence } = {
  ref: 'source',
  name: 'source',
  selector: 'none',
  label: 'target',
  annotation: 'target',
  host: 'source',
};

/** Marks on a child tell its parent. */
function isReversed({ reverse, label, annotation }: Declaration): boolean {
  return reverse ?? (label !== undefined || annotation !== undefined);
}

/** When fields and forms are compiled: at once, or when the rule is first asked, which an invalid one then throws. */
export type Compiled = 'now' | 'when asked';

/** @throws Error for an invalid path or form. */
export function ruleOf(declaration: Declaration, compiled: Compiled = 'now'): Rule {
  const shape = shapeOf(declaration);
  const reads = [declaration.from].flat();
  const base = { name: declaration.rule ?? nameOfRule(declaration), reads, without: declaration.without ?? [] };
  if (!shape) {
    const words = { fields: ['metadata.name'], sentence: sentenceOf(declaration, 'states') };
    const idle = { relation: 'states', source: reads, target: ['*'], dependence: 'none' } as const;
    return { ...base, ...idle, ...words, infer: () => undefined };
  }
  let made: Find | undefined;
  const find = () => (made ??= finderOf(declaration, shape));
  if (compiled === 'now') find();
  const relation = declaration.relation ?? usualRelation[shape];
  const reversed = isReversed(declaration);
  const target = targetsOf(declaration);
  const limit = declaration.limit ?? usualLimit;
  return {
    ...base,
    ...(shape === 'name' &&
      declaration.to === 'Secret' &&
      declaration.texts !== false && { secretNames: [declaration.name ?? []].flat() }),
    relation,
    source: reversed ? target : reads,
    target: reversed ? reads : target,
    get fields() {
      return find().fields;
    },
    dependence: declaration.depends ?? usualDependence[shape],
    sentence: sentenceOf(declaration, relation),
    infer(object: KubernetesObject, refer: (reference: Reference) => void) {
      const told = bounded(limit, refer);
      find().in(object, (end, said) => told.refer(reversed ? { source: end, ...said } : { target: end, ...said }));
      told.end();
    },
  };
}

function finderOf(declaration: Declaration, shape: Shape): Find {
  switch (shape) {
    case 'ref':
      return refFinder(declaration);
    case 'name':
      return nameFinder(declaration);
    case 'selector':
      return selectorFinder(declaration);
    case 'host':
      return hostFinder(declaration);
    default:
      return markFinder(declaration, shape);
  }
}

function targetsOf({ ref, host, to, group, selector, served }: Declaration): string[] {
  if (host !== undefined) return served ? ['Host'] : ['Service', 'Host'];
  if (selector !== undefined && (to ?? 'Pod') === 'Pod') return ['Pod', '*'];
  if (ref === undefined) return [to ?? '*'];
  return to === undefined ? ['*'] : [...new Set([to.includes('.') || !group ? to : typeOf(group, to), '*'])];
}
