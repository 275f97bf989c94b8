// An object as sent: the source's data and owners, without managedFields and secrets.
import type { KubernetesObject } from '../../src/model.ts';
import { redactObject } from '../../src/redact.ts';
import type { Kind } from '../kinds/kind.ts';

/** For these types inventories want the fields that reduction drops as volatile or long. Others stay reduced. */
const keptWhole: ReadonlySet<string> = new Set([
  'Application',
  'Event',
  'HorizontalPodAutoscaler',
  'Lease',
  'Node',
  'Pod',
  'VerticalPodAutoscaler',
]);

/** Changes and returns `object`, a fresh parse with no other users. */
export function sentObject(kind: Kind, object: KubernetesObject): KubernetesObject {
  const metadata: { [field: string]: unknown } = object.metadata;
  delete metadata['managedFields'];
  redactObject(object);
  // The last-applied annotation repeats the object; its values are redacted already.
  const annotations = metadata['annotations'] as { [name: string]: unknown } | undefined;
  if (annotations && typeof annotations === 'object')
    delete annotations['kubectl.kubernetes.io/last-applied-configuration'];
  return kind.reduce && !keptWhole.has(kind.kind) ? kind.reduce(object) : object;
}
