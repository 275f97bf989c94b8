// Which rules run on a type. Custom kinds also get the rules for Pod templates, once per template found, and structural
// defaults for fields that no other rule reads.
import { itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { type Path, parsePath } from '../relations/declared/path.ts';
import { type FoundTemplate, surveyOf } from '../relations/declared/survey.ts';
import type { Reference, Rule } from '../relations/relation.ts';

export interface RulesOfType {
  readonly plain: readonly Rule[];
  /** Run on each Pod template as on a PodTemplate. */
  readonly templates: readonly Rule[];
  readonly structural: readonly Rule[];
  /** Where texts stand that are names of Secrets. */
  readonly secretNames: readonly Path[];
  /** Whether one of `plain` that names this type, or its group, reads the field. */
  isRead(field: string): boolean;
}

export function isCustom(type: string): boolean {
  return type.includes('.');
}

/** Whether the rule runs on the type. */
export function isAsked({ reads }: Pick<Rule, 'reads'>, type: string): boolean {
  const dot = type.indexOf('.');
  if (reads.includes('*') || reads.includes(type)) return true;
  return dot > 0 && (reads.includes('*.*') || reads.includes(`*${type.slice(dot)}`));
}

export function rulesOfType(rules: readonly Rule[], type: string): RulesOfType {
  const asked = rules.filter((rule) => isAsked(rule, type));
  const plain = asked.filter(({ structural }) => structural === undefined);
  const without = new Set(plain.flatMap((rule) => rule.without ?? []));
  const takesTemplates = isCustom(type) && !without.has('templates');
  const patterns = plain.flatMap((rule) => (isMeant(rule) ? rule.fields.map(withoutIndexes) : []));
  return {
    plain,
    templates: takesTemplates ? rules.filter(({ reads }) => reads.includes('PodTemplate')) : [],
    structural: asked.filter(({ structural }) => structural !== undefined && !without.has(structural)),
    secretNames: plain.flatMap((rule) => (isMeant(rule) ? (rule.secretNames ?? []) : [])).map(parsePath),
    isRead(field) {
      const pattern = withoutIndexes(field);
      return patterns.some((each) => isWithin(pattern, each) || isWithin(each, pattern));
    },
  };
}

/** One of every kind may mean nothing by a field of this one: it counts where it says something. */
function isMeant({ reads }: Rule): boolean {
  return !reads.includes('*') && !reads.includes('*.*');
}

function withoutIndexes(field: string): string {
  return field.replace(/\[\d*\]/g, '');
}

/** Whether a path is another one, or further in. */
export function isWithin(path: string, above: string): boolean {
  return (
    path.startsWith(above) && (path.length === above.length || path[above.length] === '.' || path[above.length] === '[')
  );
}

/** Each Pod template in the object as a PodTemplate, with a function that turns its references into the object's. */
export function* templatesIn(object: KubernetesObject): Generator<TemplateOfObject> {
  const { apiVersion, metadata } = object;
  // A controlled object was made from its controller's template. Among several templates labels identify one.
  let isSelected = !itemsOf(metadata.ownerReferences).some((owner) => owner?.controller === true);
  for (const found of surveyOf(object).templates) {
    const stand = { apiVersion, kind: 'PodTemplate', metadata, template: found.template } as KubernetesObject;
    const states = isSelected && !found.bare;
    isSelected &&= found.bare;
    yield {
      stand,
      said: (reference) =>
        reference.states && !states ? undefined : { ...reference, field: placed(reference.field, found) },
    };
  }
}

export interface TemplateOfObject {
  readonly stand: KubernetesObject;
  /** Undefined if the reference does not concern the object. */
  said(reference: Reference): Reference | undefined;
}

function placed(field: string, { path, bare }: FoundTemplate): string {
  const prefix = bare ? 'template.spec' : 'template';
  return field.startsWith(prefix) ? `${path}${field.slice(prefix.length)}` : field;
}
