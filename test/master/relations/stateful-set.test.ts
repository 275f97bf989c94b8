import {
  statefulSetAttributesClass,
  statefulSetClaimTemplate,
  statefulSetOwnsClaim,
  statefulSetService,
  statefulSetStorageClass,
} from '../../../master/relations/stateful-set.ts';
import { named, object, ruleCases } from '../../support/rule-cases.ts';

const set = (spec: object, name = 'web') => object('apps/v1', 'StatefulSet', { spec }, { name });
const templates = (...names: string[]) => names.map((name) => ({ metadata: { name } }));

ruleCases(statefulSetService, [
  {
    says: 'a StatefulSet uses the Service that governs it',
    object: set({ serviceName: 'web-headless' }),
    refers: [{ target: named('Service', 'web-headless', 'shop'), field: 'spec.serviceName' }],
  },
  { says: 'a StatefulSet may have none', object: set({ serviceName: '' }), refers: [] },
]);

const states = (key: string, index = 0, more = '') => ({
  states: { index: `claim-template${more}`, key },
  field: `spec.volumeClaimTemplates[${index}]`,
});

ruleCases(statefulSetClaimTemplate, [
  {
    says: 'a set names its claims after each template, however many replicas it asks for',
    object: set({ replicas: 2_147_483_647, volumeClaimTemplates: templates('data', 'log') }),
    refers: [states('shop/data-web'), states('shop/log-web', 1)],
  },
  {
    says: 'a set whose claims go with it says so',
    object: set({
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' },
      volumeClaimTemplates: templates('data'),
    }),
    refers: [states('shop/data-web'), states('shop/data-web', 0, ' deleted')],
  },
  { says: 'a set without templates has no claims', object: set({ replicas: 3 }), refers: [] },
]);

const claim = (name: string) => object('v1', 'PersistentVolumeClaim', {}, { name });
const owned = (key: string) => {
  const source = { by: 'key', index: 'claim-template', key, only: true } as const;
  const given = { index: 'claim-template deleted', key };
  return [
    { source, field: 'metadata.name', dependence: 'none' },
    { source, field: 'metadata.name', when: { given } },
  ] as const;
};

ruleCases(statefulSetOwnsClaim, [
  {
    says: 'a claim with an ordinal is that of the set it is called after',
    object: claim('data-web-0'),
    refers: owned('shop/data-web'),
  },
  {
    says: 'ordinals have any number of digits, and names any number of dashes',
    object: claim('data-a-web-128'),
    refers: owned('shop/data-a-web'),
  },
  { says: 'a claim without an ordinal is no set’s', object: claim('data-web'), refers: [] },
  { says: 'nor is one that is a number alone', object: claim('-7'), refers: [] },
]);

for (const [rule, field, type] of [
  [statefulSetStorageClass, 'storageClassName', 'StorageClass'],
  [statefulSetAttributesClass, 'volumeAttributesClassName', 'VolumeAttributesClass'],
] as const) {
  ruleCases(rule, [
    {
      says: 'a set uses the classes of the claims that it makes',
      object: set({ volumeClaimTemplates: [{ spec: {} }, { spec: { [field]: 'fast' } }] }),
      refers: [{ target: named(type, 'fast'), field: `spec.volumeClaimTemplates[1].spec.${field}`, template: true }],
    },
    { says: 'without one it leaves the choice to others', object: set({ volumeClaimTemplates: [{}] }), refers: [] },
  ]);
}
