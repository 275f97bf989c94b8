// What a selector of Pods selects: the Pods that have not finished, and the templates that Pods like them are made of.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { LabelSelector } from '../../src/model.ts';
import { finishedPhases } from '../../src/pod-spec.ts';
import type { Namespaces, Reference } from './relation.ts';

export interface PodSelection {
  readonly namespaces: Namespaces;
  readonly selector: LabelSelector;
  readonly field: string;
  /** Said of the Pods, not of the templates. */
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

/** What a selector of Pods leads to, for the page of relations. */
export const podsAndTemplates = ['Pod', '*'] as const;

/** The label that the API server gives every Namespace: its name. */
const nameLabel = 'kubernetes.io/metadata.name';

/** Where the selector asks for nothing but names, those Namespaces are meant, whether anybody has shown them or not. */
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
