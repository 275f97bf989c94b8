// Zones and regions from the labels of Nodes.
import { isName } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

/** The current label wins; the second is its name before Kubernetes 1.17. */
function pointFrom(
  object: KubernetesObject,
  type: string,
  labels: readonly string[],
  refer: (reference: Reference) => void,
): void {
  for (const label of labels) {
    const name = object.metadata.labels?.[label];
    if (!isName(name)) continue;
    refer({ source: { by: 'name', type, name }, field: `metadata.labels["${label}"]` });
    return;
  }
}

const zoneLabels = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];
const regionLabels = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'];

export const zoneContainsNode = {
  name: 'zone-contains-node',
  relation: 'contains',
  reads: ['Node'],
  source: ['Zone'],
  target: ['Node'],
  fields: zoneLabels.map((label) => `metadata.labels["${label}"]`),
  dependence: 'target',
  sentence: 'A Zone contains the Nodes whose topology label names it.',
  infer: (object, refer) => pointFrom(object, 'Zone', zoneLabels, refer),
} as const satisfies Rule;

export const regionContainsNode = {
  name: 'region-contains-node',
  relation: 'contains',
  reads: ['Node'],
  source: ['Region'],
  target: ['Node'],
  fields: regionLabels.map((label) => `metadata.labels["${label}"]`),
  dependence: 'target',
  sentence: 'A Region contains the Nodes whose topology label names it.',
  infer: (object, refer) => pointFrom(object, 'Region', regionLabels, refer),
} as const satisfies Rule;
