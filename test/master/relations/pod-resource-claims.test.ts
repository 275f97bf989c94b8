import {
  podGeneratedResourceClaim,
  podResourceClaim,
  podResourceClaimTemplate,
} from '../../../master/relations/pod-resource-claims.ts';
import { deployment, named, object, pod, ruleCases } from '../../support/rule-cases.ts';

const claims = {
  resourceClaims: [
    { name: 'gpu', resourceClaimTemplateName: 'gpus' },
    { name: 'net', resourceClaimName: 'fast-net' },
  ],
};

ruleCases(podResourceClaim, [
  {
    says: 'a Pod uses the claim it names',
    object: pod(claims),
    refers: [{ target: named('ResourceClaim', 'fast-net', 'shop'), field: 'spec.resourceClaims[1].resourceClaimName' }],
  },
  { says: 'a Pod without claims uses none', object: pod(), refers: [] },
]);

ruleCases(podResourceClaimTemplate, [
  {
    says: 'a template uses the claim template it names',
    object: deployment(claims),
    refers: [
      {
        target: named('ResourceClaimTemplate', 'gpus', 'shop'),
        field: 'spec.template.spec.resourceClaims[0].resourceClaimTemplateName',
        template: true,
      },
    ],
  },
  { says: 'a Pod without claims uses none', object: pod(), refers: [] },
]);

const withStatus = (status: object) => object('v1', 'Pod', { spec: claims, status });

ruleCases(podGeneratedResourceClaim, [
  {
    says: 'a Pod uses the claims that were generated for it, whose names only its status knows',
    object: withStatus({
      resourceClaimStatuses: [
        { name: 'off', resourceClaimName: null },
        { name: 'gpu', resourceClaimName: 'it-gpu-x7k2p' },
      ],
      extendedResourceClaimStatus: { resourceClaimName: 'it-extended-qq1' },
    }),
    refers: [
      {
        target: named('ResourceClaim', 'it-gpu-x7k2p', 'shop'),
        field: 'status.resourceClaimStatuses[1].resourceClaimName',
      },
      {
        target: named('ResourceClaim', 'it-extended-qq1', 'shop'),
        field: 'status.extendedResourceClaimStatus.resourceClaimName',
      },
    ],
  },
  { says: 'before they are generated there are none', object: withStatus({}), refers: [] },
]);
