// Which namespaces a namespace selector matches: by labels of known Namespaces; for unknown ones by name only.
import { itemsOf } from '../../../src/fields.ts';
import type { LabelSelector } from '../../../src/model.ts';
import type { CompiledSelector } from '../model/label-selector.ts';
import { compileSelector } from '../model/label-selector.ts';
import type { Labels } from '../model/vertex.ts';

/** The API server gives every Namespace this label with its name. */
const nameLabel = 'kubernetes.io/metadata.name';

export class NamespaceChoice {
  readonly selector: CompiledSelector;
  /** It requires nothing but the name, which is known for unread Namespaces too. */
  readonly byName: boolean;

  constructor(selector: LabelSelector) {
    this.selector = compileSelector(selector);
    this.byName = isSaidByName(selector);
  }

  /** `labels` is undefined for an unread Namespace: only its name is known. */
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
