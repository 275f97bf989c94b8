import {
  podEnvConfigMap,
  podEnvFromConfigMap,
  podEnvFromSecret,
  podEnvSecret,
} from '../../../master/relations/pod-env.ts';
import type { Rule } from '../../../master/relations/relation.ts';
import { cronJob, deployment, named, object, pod, ruleCases } from '../../support/rule-cases.ts';

const variable = (key: string, ref: object) => ({
  env: [
    { name: 'PLAIN', value: 'x' },
    { name: 'A', valueFrom: { [key]: ref } },
  ],
});
const all = (key: string, ref: object) => ({ envFrom: [{ prefix: 'A_', [key]: ref }] });

function casesOf(rule: Rule, type: string, place: string, make: (ref: object) => object) {
  const container = (name: string, ref: object) => ({ name, ...make(ref) });
  ruleCases(rule, [
    {
      says: 'a Pod uses what its containers, init containers, sidecars and ephemeral containers read',
      object: pod({
        containers: [{ name: 'idle' }, container('app', { name: 'a', key: 'k' })],
        initContainers: [
          container('init', { name: 'b' }),
          { ...container('sidecar', { name: 'c' }), restartPolicy: 'Always' },
        ],
        ephemeralContainers: [container('debug', { name: 'd' })],
      }),
      refers: [
        { target: named(type, 'b', 'shop'), field: `spec.initContainers[0].${place}` },
        { target: named(type, 'c', 'shop'), field: `spec.initContainers[1].${place}` },
        { target: named(type, 'a', 'shop'), field: `spec.containers[1].${place}` },
        { target: named(type, 'd', 'shop'), field: `spec.ephemeralContainers[0].${place}` },
      ],
    },
    {
      says: 'a template says it as a template',
      object: deployment({ containers: [container('app', { name: 'a' })] }),
      refers: [
        { target: named(type, 'a', 'shop'), field: `spec.template.spec.containers[0].${place}`, template: true },
      ],
    },
    {
      says: 'the template of a CronJob stands deeper',
      object: cronJob({ containers: [container('app', { name: 'a' })] }),
      refers: [
        {
          target: named(type, 'a', 'shop'),
          field: `spec.jobTemplate.spec.template.spec.containers[0].${place}`,
          template: true,
        },
      ],
    },
    {
      says: 'a reference that is marked optional is optional',
      object: pod({ containers: [container('app', { name: 'a', optional: true })] }),
      refers: [{ target: named(type, 'a', 'shop'), field: `spec.containers[0].${place}`, optional: true }],
    },
    {
      says: 'a reference that is marked as not optional is not',
      object: pod({ containers: [container('app', { name: 'a', optional: false })] }),
      refers: [{ target: named(type, 'a', 'shop'), field: `spec.containers[0].${place}` }],
    },
    {
      says: 'an empty name refers to nothing',
      object: pod({ containers: [container('app', { name: '' })] }),
      refers: [],
    },
    { says: 'a Pod without containers uses nothing', object: object('v1', 'Pod'), refers: [] },
  ]);
}

casesOf(podEnvConfigMap, 'ConfigMap', 'env[1].valueFrom.configMapKeyRef', (ref) => variable('configMapKeyRef', ref));
casesOf(podEnvSecret, 'Secret', 'env[1].valueFrom.secretKeyRef', (ref) => variable('secretKeyRef', ref));
casesOf(podEnvFromConfigMap, 'ConfigMap', 'envFrom[0].configMapRef', (ref) => all('configMapRef', ref));
casesOf(podEnvFromSecret, 'Secret', 'envFrom[0].secretRef', (ref) => all('secretRef', ref));

ruleCases(podEnvFromSecret, [
  {
    says: 'each source of envFrom counts, at its index',
    object: pod({
      containers: [
        {
          name: 'app',
          envFrom: [{ secretRef: { name: 'a' } }, { configMapRef: { name: 'b' } }, { secretRef: { name: 'c' } }],
        },
      ],
    }),
    refers: [
      { target: named('Secret', 'a', 'shop'), field: 'spec.containers[0].envFrom[0].secretRef' },
      { target: named('Secret', 'c', 'shop'), field: 'spec.containers[0].envFrom[2].secretRef' },
    ],
  },
  {
    says: 'field and resource references name no object',
    object: pod({
      containers: [{ name: 'app', env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }],
    }),
    refers: [],
  },
]);
