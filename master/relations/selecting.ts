// What a Pod selector selects: unfinished Pods, and templates of such Pods.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { LabelSelector } from '../../src/model.ts';
import { finishedPhases } from '../../src/pod-spec.ts';
import type { Namespaces, Reference } from './relation.ts';

export interface PodSelection {
  readonly namespaces: Namespaces;
  readonly selector: LabelSelector;
  readonly field: string;
  /** For Pods, not templates. */
  readonly pods?: Partial<Reference>;
}

export function selectPods(selection: PodSelection, refer: (reference: Reference) => void): void {
  const { namespaces, selector, field, pods } = selection;
  refer({ target: { by: 'labels', type: 'Pod', namespaces, selector, phaseNot: finishedPhases }, field, ...pods });
  selectTemplates(selection, refer);
}

export function selectTemplates(
  { namespaces, selector, field }: Omit<PodSelection, 'pods'>,
  refer: (reference: Reference) => void,
): void {
  const target = { by: 'labels', type: 'Pod', namespaces, selector, templates: true } as const;
  refer({ target, field, template: true });
}

/** Targets of a Pod selector, for documentation. */
export const podsAndTemplates = ['Pod', '*'] as const;

/** The API server gives every Namespace this label with its name. */
const nameLabel = 'kubernetes.io/metadata.name';

/** A selector by name only means those Namespaces, known or not. */
export function selectNamespaces(selector: LabelSelector, field: string, refer: (reference: Reference) => void): void {
  const names = namesAsked(selector);
  if (!names) {
    refer({ target: { by: 'labels', type: 'Namespace', namespaces: { all: true }, selector }, field });
    return;
  }
  for (const name of names) refer({ target: { by: 'name', type: 'Namespace', name }, field, optional: true });
}

function namesAsked({ matchLabels, matchExpressions }: LabelSelector): readonly string[] | undefined {
  const labels = isRecord(matchLabels) ? Object.entries(matchLabels) : [];
  const expressions = itemsOf(matchExpressions);
  const [requirement] = expressions;
  if (labels.length === 1 && expressions.length === 0 && labels[0]?.[0] === nameLabel) {
    return isName(labels[0][1]) ? [labels[0][1]] : undefined;
  }
  if (labels.length > 0 || expressions.length !== 1) return undefined;
  if (requirement?.key !== nameLabel || requirement.operator !== 'In') return undefined;
  return itemsOf(requirement.values).filter((name) => isName(name));
}
