// Parses an API Event for storage with the history of its object.
import { isRecord } from '../../src/fields.ts';
import { resourceId, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { redactText } from '../../src/redact/command.ts';
import type { EventRecord } from './records.ts';

/** Maximum characters of a message. */
const longest = 1024;

/** One record per object. Any field may be malformed. */
export function eventRecords(
  event: KubernetesObject,
  clusterScoped: (type: string) => boolean,
): readonly EventRecord[] {
  const fields = event as { readonly [field: string]: unknown };
  const about = [fields['involvedObject'] ?? fields['regarding'], fields['related']];
  const series = isRecord(fields['series']) ? fields['series'] : {};
  const at = [series['lastObservedTime'], fields['lastTimestamp'], fields['eventTime'], fields['firstTimestamp']];
  const told = {
    namespace: textOf(event.metadata.namespace),
    at: at.map(textOf).find((text) => !Number.isNaN(Date.parse(text))) ?? '',
    type: textOf(fields['type']) || 'Normal',
    reason: textOf(fields['reason']),
    message: redactText((textOf(fields['message']) || textOf(fields['note'])).slice(0, longest)),
    count: [series['count'], fields['count']].find((count) => typeof count === 'number') ?? 1,
  };
  const targets = new Set(about.flatMap((each) => targetOf(each, clusterScoped) ?? []));
  return [...targets].map((target) => ({ target, ...told }));
}

function targetOf(about: unknown, clusterScoped: (type: string) => boolean): string | undefined {
  if (!isRecord(about)) return undefined;
  const [kind, name] = [textOf(about['kind']), textOf(about['name'])];
  if (kind === '' || name === '') return undefined;
  const type = typeOfReference(textOf(about['apiVersion']), kind);
  return resourceId(type, name, clusterScoped(type) ? undefined : textOf(about['namespace']));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
