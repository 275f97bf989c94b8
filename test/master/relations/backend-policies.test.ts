import {
  backendTlsAuthority,
  inferencePoolPicker,
  inferencePoolPods,
} from '../../../master/relations/backend-policies.ts';
import { inShop, named, object, podsSelected, ruleCases } from '../../support/rule-cases.ts';

const policy = (spec: object) => object('gateway.networking.k8s.io/v1', 'BackendTLSPolicy', { spec });

ruleCases(backendTlsAuthority, [
  {
    says: 'a policy trusts the authorities in the ConfigMaps, or other objects, it names',
    object: policy({
      validation: {
        caCertificateRefs: [
          { group: '', kind: 'ConfigMap', name: 'ca' },
          { group: 'certs.example.org', kind: 'Bundle', name: 'all' },
        ],
      },
    }),
    refers: [
      { target: named('ConfigMap', 'ca', 'shop'), field: 'spec.validation.caCertificateRefs[0]' },
      { target: named('Bundle.certs.example.org', 'all', 'shop'), field: 'spec.validation.caCertificateRefs[1]' },
    ],
  },
  {
    says: 'one that trusts the well-known authorities names none',
    object: policy({ validation: { wellKnownCACertificates: 'System' } }),
    refers: [],
  },
]);

const pool = (spec: object, group = 'inference.networking.k8s.io/v1') => object(group, 'InferencePool', { spec });

ruleCases(inferencePoolPods, [
  {
    says: 'a pool load balances the Pods that its selector matches, and their templates',
    object: pool({ selector: { matchLabels: { app: 'llm' } } }),
    refers: podsSelected({ matchLabels: { app: 'llm' } }, 'spec.selector', inShop),
  },
  {
    says: 'before v1 the labels stood there themselves',
    object: pool({ selector: { app: 'llm' } }, 'inference.networking.x-k8s.io/v1alpha2'),
    refers: podsSelected({ matchLabels: { app: 'llm' } }, 'spec.selector', inShop),
  },
  { says: 'an empty selector selects nothing', object: pool({ selector: {} }), refers: [] },
]);

ruleCases(inferencePoolPicker, [
  {
    says: 'a pool uses the Service that picks its endpoints',
    object: pool({ endpointPickerRef: { name: 'epp', port: { number: 9002 } } }),
    refers: [{ target: named('Service', 'epp', 'shop'), field: 'spec.endpointPickerRef' }],
  },
  {
    says: 'where it fails open nobody suffers',
    object: pool({ extensionRef: { name: 'epp', failureMode: 'FailOpen' } }, 'inference.networking.x-k8s.io/v1alpha2'),
    refers: [{ target: named('Service', 'epp', 'shop'), field: 'spec.extensionRef', dependence: 'none' }],
  },
  { says: 'a pool without a picker uses none', object: pool({}), refers: [] },
]);
