// Which namespaces a namespace selector chooses: by the labels of Namespaces that are there, and of others by their name.
import { itemsOf } from '../../../src/fields.ts';
import type { LabelSelector } from '../../../src/model.ts';
import type { CompiledSelector } from '../model/label-selector.ts';
import { compileSelector } from '../model/label-selector.ts';
import type { Labels } from '../model/vertex.ts';

/** The label that the API server gives every Namespace: its name. */
const nameLabel = 'kubernetes.io/metadata.name';

export class NamespaceChoice {
  readonly selector: CompiledSelector;
  /** It asks for nothing but the name, which is known of a Namespace that was not read. */
  readonly byName: boolean;

  constructor(selector: LabelSelector) {
    this.selector = compileSelector(selector);
    this.byName = isSaidByName(selector);
  }

  /** `labels` are undefined where the Namespace was not read: only its name is known then. */
  chooses(namespace: string, labels: Labels | undefined): boolean {
    if (labels) return this.selector.matches(labels);
    return namespace !== '' && this.byName && this.selector.matches(impliedLabels(namespace));
  }
}

export function impliedLabels(namespace: string): Labels | undefined {
  return namespace === '' ? undefined : { [nameLabel]: namespace };
}

function isSaidByName({ matchLabels, matchExpressions }: LabelSelector): boolean {
  const keys = [...Object.keys(matchLabels ?? {}), ...itemsOf(matchExpressions).map((each) => each?.key)];
  return keys.every((key) => key === nameLabel);
}
