import {
  ingressDefaultBackend,
  ingressRoutesToResource,
  ingressRoutesToService,
} from '../../../master/relations/ingress-backends.ts';
import { named, object, ruleCases } from '../../support/rule-cases.ts';

const ingress = (spec: object) => object('networking.k8s.io/v1', 'Ingress', { spec });
const service = (name: string) => ({ service: { name, port: { number: 80 } } });
const bucket = { resource: { apiGroup: 'acme.io', kind: 'Bucket', name: 'static' } };
const bothMissing = {
  says: 'an Ingress without rules and default backend routes nowhere',
  object: ingress({}),
  refers: [],
};

ruleCases(ingressRoutesToService, [
  {
    says: 'an Ingress routes to the Services of its paths, exact to the indexes',
    object: ingress({
      rules: [
        {
          host: 'a.example.com',
          http: { paths: [{ backend: service('web') }, { backend: bucket }, { backend: service('api') }] },
        },
        { host: 'b.example.com' },
        { http: { paths: [{ backend: service('web') }] } },
      ],
    }),
    refers: [
      { target: named('Service', 'web', 'shop'), field: 'spec.rules[0].http.paths[0].backend.service' },
      { target: named('Service', 'api', 'shop'), field: 'spec.rules[0].http.paths[2].backend.service' },
      { target: named('Service', 'web', 'shop'), field: 'spec.rules[2].http.paths[0].backend.service' },
    ],
  },
  { says: 'an Ingress without rules is no crash', object: ingress({ defaultBackend: service('web') }), refers: [] },
  bothMissing,
]);

ruleCases(ingressDefaultBackend, [
  {
    says: 'an Ingress without rules routes to its default backend',
    object: ingress({ defaultBackend: service('web') }),
    refers: [{ target: named('Service', 'web', 'shop'), field: 'spec.defaultBackend.service' }],
  },
  {
    says: 'a default backend that is no Service is another rule’s',
    object: ingress({ defaultBackend: bucket }),
    refers: [],
  },
  bothMissing,
]);

ruleCases(ingressRoutesToResource, [
  {
    says: 'an Ingress routes to objects of any group and kind, in its namespace',
    object: ingress({
      defaultBackend: { resource: { kind: 'ConfigMap', name: 'page' } },
      rules: [{ http: { paths: [{ backend: bucket }] } }],
    }),
    refers: [
      { target: named('Bucket.acme.io', 'static', 'shop'), field: 'spec.rules[0].http.paths[0].backend.resource' },
      { target: named('ConfigMap', 'page', 'shop'), field: 'spec.defaultBackend.resource' },
    ],
  },
  bothMissing,
]);
