import { referenceGrantAllows } from '../../../master/relations/reference-grant.ts';
import { object, ruleCases } from '../../support/rule-cases.ts';

const group = 'gateway.networking.k8s.io';
const grant = (spec: object) => object(`${group}/v1beta1`, 'ReferenceGrant', { spec });
const states = (key: string, index = 0) => ({ states: { index: 'grant', key }, field: `spec.from[${index}]` });

ruleCases(referenceGrantAllows, [
  {
    says: 'a grant allows each of its sources each of its targets, by name or all of a kind',
    object: grant({
      from: [
        { group, kind: 'HTTPRoute', namespace: 'a' },
        { group, kind: 'Gateway', namespace: 'edge' },
      ],
      to: [
        { group: '', kind: 'Service', name: 'web' },
        { group: '', kind: 'Secret' },
      ],
    }),
    refers: [
      states(`HTTPRoute.${group} a Service shop/web`),
      states(`HTTPRoute.${group} a Secret shop/*`),
      states(`Gateway.${group} edge Service shop/web`, 1),
      states(`Gateway.${group} edge Secret shop/*`, 1),
    ],
  },
  {
    says: 'a source without a namespace is none',
    object: grant({ from: [{ group, kind: 'HTTPRoute' }], to: [{ kind: 'Service' }] }),
    refers: [],
  },
  {
    says: 'a grant without targets allows nothing',
    object: grant({ from: [{ group, kind: 'HTTPRoute', namespace: 'a' }] }),
    refers: [],
  },
]);
