import {
  ingressClassDefault,
  priorityClassDefault,
  storageClassDefault,
} from '../../../master/relations/default-classes.ts';
import { clusterObject, ruleCases } from '../../support/rule-cases.ts';

const made = '2026-02-03T04:05:06Z';

for (const [rule, apiVersion, kind, mark] of [
  [storageClassDefault, 'storage.k8s.io/v1', 'StorageClass', 'storageclass.kubernetes.io/is-default-class'],
  [storageClassDefault, 'storage.k8s.io/v1', 'StorageClass', 'storageclass.beta.kubernetes.io/is-default-class'],
  [ingressClassDefault, 'networking.k8s.io/v1', 'IngressClass', 'ingressclass.kubernetes.io/is-default-class'],
] as const) {
  const marked = (value: string) =>
    clusterObject(apiVersion, kind, {}, { creationTimestamp: made, annotations: { [mark]: value } });
  ruleCases(rule, [
    {
      says: `a class with ${mark} is the default one, the newest before others`,
      object: marked('true'),
      refers: [{ states: { index: 'default', key: kind, rank: made }, field: `metadata.annotations["${mark}"]` }],
    },
    { says: 'any other word is no mark', object: marked('yes'), refers: [] },
    { says: 'a class without the mark is an ordinary one', object: clusterObject(apiVersion, kind), refers: [] },
  ]);
}

const priority = (fields: object) => clusterObject('scheduling.k8s.io/v1', 'PriorityClass', fields);
const ranked = (rank: string) => ({ states: { index: 'default', key: 'PriorityClass', rank }, field: 'globalDefault' });

ruleCases(priorityClassDefault, [
  {
    says: 'the global default is marked by a field; of several the lowest comes first',
    object: priority({ globalDefault: true, value: 10 }),
    refers: [ranked('009999999990')],
  },
  {
    says: 'it may be below nothing',
    object: priority({ globalDefault: true, value: -5 }),
    refers: [ranked('010000000005')],
  },
  { says: 'an ordinary class is none', object: priority({ value: 10 }), refers: [] },
]);
