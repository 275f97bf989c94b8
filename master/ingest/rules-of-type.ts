// Which rules are asked about the objects of a type, and how: of custom kinds also those of Pod templates, for each template
// that is found, and the structural defaults, for what no other rule reads.
import { itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { type Path, parsePath } from '../relations/declared/path.ts';
import { type FoundTemplate, surveyOf } from '../relations/declared/survey.ts';
import type { Reference, Rule } from '../relations/relation.ts';

export interface RulesOfType {
  readonly plain: readonly Rule[];
  /** Asked about each template of Pods as about a PodTemplate. */
  readonly templates: readonly Rule[];
  readonly structural: readonly Rule[];
  /** Where texts stand that are names of Secrets. */
  readonly secretNames: readonly Path[];
  /** Whether a field is read by one of `plain` that is asked about this type, or group, by name. */
  isRead(field: string): boolean;
}

export function isCustom(type: string): boolean {
  return type.includes('.');
}

/** Whether the rule is asked about objects of the type. */
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

/** Each template of Pods in the object as a PodTemplate, with what a reference that it makes says of the object. */
export function* templatesIn(object: KubernetesObject): Generator<TemplateOfObject> {
  const { apiVersion, metadata } = object;
  // What is controlled was made of its controller's template; of several templates one is found by its labels.
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
  /** Undefined for what is not said of the object. */
  said(reference: Reference): Reference | undefined;
}

function placed(field: string, { path, bare }: FoundTemplate): string {
  const prefix = bare ? 'template.spec' : 'template';
  return field.startsWith(prefix) ? `${path}${field.slice(prefix.length)}` : field;
}
