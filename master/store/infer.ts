// Runs the rules that read a type over one object. A rule that throws costs itself, for this object alone.
import type { KubernetesObject } from '../../src/model.ts';
import type { Said } from '../graph/engine.ts';
import type { Reference, Rule } from '../relations/relation.ts';

export type Infer = (type: string, object: KubernetesObject) => Said[];

export interface InferProblem {
  readonly rule: string;
  readonly type: string;
  readonly error: unknown;
}

/** `onProblem` is told of each rule that failed on an object. */
export function createInfer(rules: readonly Rule[], onProblem: (problem: InferProblem) => void): Infer {
  const byType = new Map<string, readonly Rule[]>();

  function rulesFor(type: string): readonly Rule[] {
    const known = byType.get(type);
    if (known) return known;
    const reading = rules.filter((rule) => rule.reads.includes('*') || rule.reads.includes(type));
    byType.set(type, reading);
    return reading;
  }

  return (type, object) => {
    const said: Said[] = [];
    let rule: Rule;
    const refer = (reference: Reference) => void said.push({ rule, reference });
    for (rule of rulesFor(type)) {
      const before = said.length;
      try {
        rule.infer(object, refer);
      } catch (error) {
        said.length = before;
        onProblem({ rule: rule.name, type, error });
      }
    }
    return said;
  };
}
