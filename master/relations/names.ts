// Makes rules of the simplest kind: a field with the name of one object of one type.
import { walkerOf } from '../../src/field-paths.ts';
import { isName } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Dependence, Reference, Rule } from './relation.ts';

export interface NameRule {
  readonly name: string;
  readonly relation: string;
  readonly reads: readonly string[];
  readonly target: string;
  /** Paths of the fields with the name, `[]` for list elements. */
  readonly fields: readonly string[];
  /** In the object's own namespace, or cluster-scoped. */
  readonly place: 'own' | 'none';
  readonly dependence: Dependence;
  readonly sentence: string;
  readonly marks?: Partial<Reference>;
}

export function nameRule({ place, target, marks, ...rule }: NameRule): Rule {
  const walkers = rule.fields.map(walkerOf);
  return {
    ...rule,
    source: rule.reads,
    target: [target],
    infer(object: KubernetesObject, refer) {
      const namespace = place === 'own' ? object.metadata.namespace : undefined;
      for (const walk of walkers) {
        walk(object, (name, path) => {
          if (isName(name)) refer({ target: { by: 'name', type: target, namespace, name }, field: path(), ...marks });
        });
      }
    },
  };
}
