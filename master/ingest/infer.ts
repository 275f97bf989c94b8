// Runs the rules for a type on one object. A rule that throws is skipped for that object alone.
import type { KubernetesObject } from '../../src/model.ts';
import type { SourcedReference } from '../graph/engine/engine.ts';
import { noLimit } from '../graph/engine/relation-limit.ts';
import type { Path } from '../relations/declared/path.ts';
import type { Condition, End, Fact, Namespaces, Reference, Rule } from '../relations/relation.ts';
import { type RulesOfType, rulesOfType, templatesIn } from './rules-of-type.ts';
import { SaidFields } from './said-fields.ts';

export interface Infer {
  /** As many as the object says; over the limit of one object, the last within it is repeated. */
  (type: string, object: KubernetesObject): SourcedReference[];
  /** Paths to texts that are names of Secrets according to a rule, and therefore not secret. */
  readonly secretNamesOf?: (type: string) => readonly Path[];
}

export interface InferProblem {
  readonly rule: string;
  readonly type: string;
  readonly error: unknown;
}

/** `onProblem` is called for each rule that failed on an object. `generation` grows with each change of the rules. */
export function createInfer(
  rules: readonly Rule[],
  onProblem: (problem: InferProblem) => void,
  generation: () => number = () => 0,
): Infer {
  const byType = new Map<string, RulesOfType>();
  let of = generation();

  function rulesFor(type: string): RulesOfType {
    if (of !== generation()) byType.clear();
    of = generation();
    let known = byType.get(type);
    if (!known) byType.set(type, (known = rulesOfType(rules, type)));
    return known;
  }

  const infer = (type: string, object: KubernetesObject) => {
    const said: SourcedReference[] = [];
    const { plain, templates, structural, isRead } = rulesFor(type);
    const run = createRun(type, said, onProblem);
    for (const rule of plain) run(rule, object);
    if (templates.length > 0) {
      for (const { stand, said: saidOf } of templatesIn(object)) for (const rule of templates) run(rule, stand, saidOf);
    }
    if (structural.length === 0) return said;
    const spoken = new SaidFields(said.map(({ reference }) => reference.field));
    for (const rule of structural)
      run(rule, object, (reference) =>
        isRead(reference.field) || spoken.has(reference.field) ? undefined : reference,
      );
    return said;
  };
  return Object.assign(infer, { secretNamesOf: (type: string) => rulesFor(type).secretNames });
}

type Change = (reference: Reference) => Reference | undefined;

/** Runs rules one by one on an object. */
function createRun(type: string, said: SourcedReference[], onProblem: (problem: InferProblem) => void) {
  let rule: Rule;
  let change: Change | undefined;
  const refer = (reference: Reference) => {
    check(reference);
    const meant = change ? change(reference) : reference;
    if (!meant) return;
    // Those over the limit are only counted. Kept, 70,000 of them would survive several garbage collections for nothing.
    said.push(said[noLimit.ofOneObject - 1] ?? { rule, reference: meant });
  };
  return (next: Rule, object: KubernetesObject, by?: Change): void => {
    rule = next;
    change = by;
    const before = said.length;
    try {
      rule.infer(object, refer);
    } catch (error) {
      said.length = before;
      onProblem({ rule: rule.name, type, error });
    }
  };
}

/**
 * Throws if a field has an unexpected type: custom resources may have any shape, and only strings may become part of an id.
 */
function check({ source, target, states, when }: Reference): void {
  if (source) checkEnd(source);
  if (target) checkEnd(target);
  if (states) checkFact(states);
  if (when) checkCondition(when);
}

function checkFact(fact: Fact): void {
  if ('template' in fact) texts(...Object.values(fact.template));
  else texts(fact.key, fact.value ?? '', fact.rank ?? '');
}

function checkCondition(when: Condition): void {
  if ('unless' in when) texts(when.unless.key);
  else if ('given' in when) texts(when.given.key);
  else texts(...when.anyOf, when.namespace);
}

function checkEnd(end: End): void {
  switch (end.by) {
    case 'name':
      return texts(end.type, end.name, end.namespace ?? '');
    case 'uid':
      return texts(end.type, end.name, end.namespace ?? '', end.uid);
    case 'key':
      return texts(end.key);
    case 'first':
      return [...end.of, ...(end.otherwise ? [end.otherwise] : [])].forEach(checkEnd);
    case 'kind':
      return checkNamespaces(end.namespaces);
    case 'labels':
      objects(end.selector);
      texts(...(end.names ?? []), ...(end.notNames ?? []), end.namePrefix ?? '');
      return checkNamespaces(end.namespaces);
    default:
  }
}

function checkNamespaces(namespaces: Namespaces): void {
  if ('in' in namespaces) texts(...namespaces.in);
  else if ('labels' in namespaces) objects(namespaces.labels);
}

function texts(...values: readonly unknown[]): void {
  for (const value of values)
    if (typeof value !== 'string') throw new TypeError(`a name is ${typeof value}, not a text`);
}

function objects(value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`a selector is ${typeof value}, not an object`);
}
