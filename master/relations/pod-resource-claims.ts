// A Pod's device claims: by name, by template, and generated from templates.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { isFinished, marksOf, podSpecOf, podSpecTypes } from '../../src/pod-spec.ts';
import type { Reference, Rule } from './relation.ts';

type Claim = { readonly [field: string]: unknown };

function pointAtClaims(
  object: KubernetesObject,
  key: string,
  type: string,
  refer: (reference: Reference) => void,
): void {
  const pod = podSpecOf(object);
  const claims = itemsOf(pod?.spec['resourceClaims'] as readonly Claim[] | undefined);
  for (let i = 0; i < claims.length; i++) {
    const name = claims[i]?.[key];
    if (!pod || !isName(name)) continue;
    const target = { by: 'name', type, namespace: object.metadata.namespace, name } as const;
    refer({ target, field: `${pod.path}.resourceClaims[${i}].${key}`, ...marksOf(pod) });
  }
}

export const podResourceClaim = {
  name: 'pod-resource-claim',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ResourceClaim'],
  fields: ['spec.resourceClaims[].resourceClaimName'],
  dependence: 'source',
  sentence: 'A Pod or template uses the ResourceClaims it names.',
  infer: (object, refer) => pointAtClaims(object, 'resourceClaimName', 'ResourceClaim', refer),
} as const satisfies Rule;

export const podResourceClaimTemplate = {
  name: 'pod-resource-claim-template',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ResourceClaimTemplate'],
  fields: ['spec.resourceClaims[].resourceClaimTemplateName'],
  dependence: 'source',
  sentence: 'A Pod or template uses the ResourceClaimTemplates it names.',
  infer: (object, refer) => pointAtClaims(object, 'resourceClaimTemplateName', 'ResourceClaimTemplate', refer),
} as const satisfies Rule;

export const podGeneratedResourceClaim = {
  name: 'pod-generated-resource-claim',
  relation: 'uses',
  reads: ['Pod'],
  source: ['Pod'],
  target: ['ResourceClaim'],
  fields: [
    'status.resourceClaimStatuses[].resourceClaimName',
    'status.nodeAllocatableResourceClaimStatuses[].resourceClaimName',
    'status.extendedResourceClaimStatus.resourceClaimName',
  ],
  dependence: 'source',
  sentence: 'A Pod uses the ResourceClaims generated for it, which only its status names.',
  infer(object, refer) {
    const { status } = object as { status?: Status | null };
    if (!status) return;
    const point = (name: unknown, field: string) => {
      if (!isName(name)) return;
      const target = { by: 'name', type: 'ResourceClaim', namespace: object.metadata.namespace, name } as const;
      refer(isFinished(object) ? { target, field, dependence: 'none' } : { target, field });
    };
    for (const list of ['resourceClaimStatuses', 'nodeAllocatableResourceClaimStatuses'] as const) {
      const claims = itemsOf(status[list]);
      for (let i = 0; i < claims.length; i++) {
        point(claims[i]?.resourceClaimName, `status.${list}[${i}].resourceClaimName`);
      }
    }
    const extended = status.extendedResourceClaimStatus?.resourceClaimName;
    point(extended, 'status.extendedResourceClaimStatus.resourceClaimName');
  },
} as const satisfies Rule;

interface Status {
  readonly resourceClaimStatuses?: readonly { readonly resourceClaimName?: unknown }[];
  readonly nodeAllocatableResourceClaimStatuses?: readonly { readonly resourceClaimName?: unknown }[];
  readonly extendedResourceClaimStatus?: { readonly resourceClaimName?: unknown } | null;
}
