// When the content of a ConfigMap or Secret was last observed to change. Stored once for all rules that need it.
import { digestOf } from '../../src/digest.ts';
import { isRecord } from '../../src/fields.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { FindingView } from './finding-rule.ts';

interface Content {
  version: string;
  /** Empty if only its version is known. */
  digest: string;
  changedAt: number;
}

/** Milliseconds since the epoch; 0 if it has not changed since the first call. */
export function contentChangedAt(config: Vertex, view: FindingView): number {
  const content = view.memoryOf(config, 'content', (): Content => {
    return { version: config.resourceVersion, digest: digestIn(config, view), changedAt: 0 };
  });
  if (content.version === config.resourceVersion) return content.changedAt;
  const digest = digestIn(config, view);
  if (digest !== content.digest || config.type === 'Secret') content.changedAt = view.now;
  Object.assign(content, { version: config.resourceVersion, digest });
  return content.changedAt;
}

/** Covers only what Pods read, without metadata. For a Secret only its version is known. */
function digestIn(config: Vertex, view: FindingView): string {
  if (config.type === 'Secret') return '';
  const { data, binaryData } = view.object(config);
  return digestOf(JSON.stringify([isRecord(data) ? data : {}, isRecord(binaryData) ? binaryData : {}]));
}
