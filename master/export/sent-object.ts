// An object as it is sent: what the source said, with its owners, less managedFields and less what redaction takes out.
import type { KubernetesObject } from '../../src/model.ts';
import { redactObject } from '../../src/redact.ts';
import type { Kind } from '../kinds/kind.ts';

/** Of these the reduction takes out only what ticks or is long: an inventory wants it. Of all others what is reduced stays so. */
const keptWhole: ReadonlySet<string> = new Set([
  'Application',
  'Event',
  'HorizontalPodAutoscaler',
  'Lease',
  'Node',
  'Pod',
  'VerticalPodAutoscaler',
]);

/** Changes `object`, a fresh parse that nothing else holds, and returns it. */
export function sentObject(kind: Kind, object: KubernetesObject): KubernetesObject {
  const metadata: { [field: string]: unknown } = object.metadata;
  delete metadata['managedFields'];
  redactObject(object);
  // What was applied last is the object once more; its values went already, and its text says nothing new.
  const annotations = metadata['annotations'] as { [name: string]: unknown } | undefined;
  if (annotations && typeof annotations === 'object')
    delete annotations['kubectl.kubernetes.io/last-applied-configuration'];
  return kind.reduce && !keptWhole.has(kind.kind) ? kind.reduce(object) : object;
}
