// Dynamic resource allocation: classes of claims, the Pods that reserve them, and Nodes of slices.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject, LabelRequirement } from '../../src/model.ts';
import { nameRule } from './names.ts';
import type { Reference, Rule } from './relation.ts';

const requests = ['deviceClassName', 'exactly.deviceClassName', 'firstAvailable[].deviceClassName'];

export const resourceClaimDeviceClass = nameRule({
  name: 'resource-claim-device-class',
  relation: 'uses',
  reads: ['ResourceClaim'],
  target: 'DeviceClass',
  fields: requests.map((field) => `spec.devices.requests[].${field}`),
  place: 'none',
  dependence: 'source',
  sentence: 'A ResourceClaim uses the DeviceClasses it requests devices from.',
});

export const resourceClaimTemplateDeviceClass = nameRule({
  name: 'resource-claim-template-device-class',
  relation: 'uses',
  reads: ['ResourceClaimTemplate'],
  target: 'DeviceClass',
  fields: requests.map((field) => `spec.spec.devices.requests[].${field}`),
  place: 'none',
  dependence: 'source',
  sentence: 'A ResourceClaimTemplate uses the DeviceClasses its claims will request devices from.',
  marks: { template: true },
});

export const resourceClaimReservedFor = {
  name: 'resource-claim-reserved-for',
  relation: 'reservedFor',
  reads: ['ResourceClaim'],
  source: ['ResourceClaim'],
  target: ['Pod'],
  fields: ['status.reservedFor[]'],
  dependence: 'none',
  sentence: 'A ResourceClaim is reserved for the Pods listed in status.reservedFor.',
  infer(object, refer) {
    const { status } = object as { status?: { reservedFor?: readonly unknown[] } | null };
    const consumers = itemsOf(status?.reservedFor);
    for (let i = 0; i < consumers.length; i++) {
      const ref = consumers[i];
      if (!isRecord(ref) || ref['resource'] !== 'pods' || isName(ref['apiGroup']) || !isName(ref['name'])) continue;
      const named = { by: 'name', type: 'Pod', namespace: object.metadata.namespace, name: ref['name'] } as const;
      const target = isName(ref['uid']) ? ({ ...named, by: 'uid', uid: ref['uid'] } as const) : named;
      refer({ target, field: `status.reservedFor[${i}]` });
    }
  },
} as const satisfies Rule;

export const resourceSliceNode = nameRule({
  name: 'resource-slice-node',
  relation: 'restrictedTo',
  reads: ['ResourceSlice'],
  target: 'Node',
  fields: ['spec.nodeName', 'spec.devices[].nodeName', 'spec.devices[].basic.nodeName'],
  place: 'none',
  dependence: 'source',
  sentence: 'A ResourceSlice is restricted to the Node named in spec.nodeName.',
});

interface NodeSelector {
  readonly nodeSelectorTerms?: readonly { readonly matchExpressions?: readonly LabelRequirement[] }[];
}

/** Any term may match; within a term everything must. */
function selectNodes(value: unknown, path: string, refer: (reference: Reference) => void): void {
  if (!isRecord(value)) return;
  const terms = itemsOf((value as NodeSelector).nodeSelectorTerms);
  for (let i = 0; i < terms.length; i++) {
    const term = terms[i];
    const matchExpressions = itemsOf(term?.matchExpressions).filter((each) => isRecord(each)) as LabelRequirement[];
    if (matchExpressions.length === 0 || (isRecord(term) && 'matchFields' in term)) continue;
    const target = { by: 'labels', type: 'Node', namespaces: { all: true }, selector: { matchExpressions } } as const;
    refer({ target, field: `${path}.nodeSelectorTerms[${i}].matchExpressions` });
  }
}

export const resourceSliceNodes = {
  name: 'resource-slice-nodes',
  relation: 'restrictedTo',
  reads: ['ResourceSlice'],
  source: ['ResourceSlice'],
  target: ['Node'],
  fields: ['spec.nodeSelector', 'spec.devices[].nodeSelector'],
  dependence: 'none',
  sentence: 'A ResourceSlice is restricted to the Nodes that one term of its node selector matches.',
  infer(object: KubernetesObject, refer) {
    const { spec } = object as {
      spec?: { nodeSelector?: unknown; devices?: readonly { nodeSelector?: unknown }[] } | null;
    };
    selectNodes(spec?.nodeSelector, 'spec.nodeSelector', refer);
    itemsOf(spec?.devices).forEach((device, i) =>
      selectNodes(device?.nodeSelector, `spec.devices[${i}].nodeSelector`, refer),
    );
  },
} as const satisfies Rule;

export const resourceClaimNodes = {
  name: 'resource-claim-nodes',
  relation: 'restrictedTo',
  reads: ['ResourceClaim'],
  source: ['ResourceClaim'],
  target: ['Node'],
  fields: ['status.allocation.nodeSelector'],
  dependence: 'none',
  sentence: 'A ResourceClaim is restricted to the Nodes that can reach its allocated devices.',
  infer(object: KubernetesObject, refer) {
    const { status } = object as { status?: { allocation?: { nodeSelector?: unknown } | null } | null };
    selectNodes(status?.allocation?.nodeSelector, 'status.allocation.nodeSelector', refer);
  },
} as const satisfies Rule;
