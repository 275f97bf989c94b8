import {
  apiServiceServesDefinition,
  definitionDefines,
  definitionOfKind,
} from '../../../master/relations/definitions.ts';
import { clusterObject, object, ruleCases } from '../../support/rule-cases.ts';

const definition = (spec: object) => clusterObject('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec });

ruleCases(definitionOfKind, [
  {
    says: 'a definition is found by kind and group',
    object: definition({ group: 'example.org', names: { kind: 'Widget', plural: 'widgets' } }),
    refers: [{ states: { index: 'definition', key: 'Widget.example.org' }, field: 'spec.names.kind' }],
  },
  { says: 'one without a group defines nothing', object: definition({ names: { kind: 'Widget' } }), refers: [] },
]);

ruleCases(definitionDefines, [
  {
    says: 'a custom object is defined by the definition of its kind',
    object: object('example.org/v1', 'Widget'),
    refers: [{ source: { by: 'key', index: 'definition', key: 'Widget.example.org' }, field: 'apiVersion' }],
  },
  {
    says: 'so is one of a kind that Kubernetes’ own projects add',
    object: object('gateway.networking.k8s.io/v1', 'Gateway'),
    refers: [
      { source: { by: 'key', index: 'definition', key: 'Gateway.gateway.networking.k8s.io' }, field: 'apiVersion' },
    ],
  },
  { says: 'what the API server builds in has none', object: object('networking.k8s.io/v1', 'Ingress'), refers: [] },
  { says: 'nor has the core group', object: object('v1', 'Service'), refers: [] },
]);

const offered = (name: string, field: string) => ({
  source: { by: 'first', of: [{ by: 'name', type: 'APIService', name }] } as const,
  field,
});

ruleCases(apiServiceServesDefinition, [
  {
    says: 'each version that is served has an APIService',
    object: definition({
      group: 'example.org',
      versions: [{ name: 'v1' }, { name: 'v1alpha1', served: false }, { name: 'v2', served: true }],
    }),
    refers: [offered('v1.example.org', 'spec.versions[0].name'), offered('v2.example.org', 'spec.versions[2].name')],
  },
  {
    says: 'an old definition has one version',
    object: definition({ group: 'example.org', version: 'v1' }),
    refers: [offered('v1.example.org', 'spec.version')],
  },
  { says: 'one without a group has none', object: definition({ versions: [{ name: 'v1' }] }), refers: [] },
]);
