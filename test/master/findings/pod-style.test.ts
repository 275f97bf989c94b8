// Good practice in Pod specs.
import { bestEffort, privilegedWorkload, probeMissing, singleReplica } from '../../../master/findings/pod-style.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { an, deployment, ingress, service } from '../../support/finding-graph.ts';

const with_ = (context: object) => ({ containers: [{ name: 'main', securityContext: context }] });

findingCases(
  privilegedWorkload,
  [
    {
      says: 'a privileged container',
      objects: [deployment('web', with_({ privileged: true }))],
      finds: ['Deployment:shop/web'],
      and: { severity: 'medium', field: 'spec.template.spec.containers[0].securityContext.privileged' },
    },
    {
      says: 'the processes of its node',
      objects: [deployment('web', { hostPID: true })],
      finds: ['Deployment:shop/web'],
    },
    {
      says: 'it writes to the socket of the runtime',
      objects: [
        deployment('web', {
          containers: [{ name: 'main', volumeMounts: [{ name: 's', mountPath: '/s' }] }],
          volumes: [{ name: 's', hostPath: { path: '/run/containerd/containerd.sock' } }],
        }),
      ],
      finds: ['Deployment:shop/web'],
    },
    {
      says: 'it only reads',
      objects: [
        deployment('web', {
          containers: [{ name: 'main', volumeMounts: [{ name: 's', mountPath: '/s', readOnly: true }] }],
          volumes: [{ name: 's', hostPath: { path: '/etc' } }],
        }),
      ],
      finds: [],
    },
    {
      says: 'an agent of the system is told of as advice',
      objects: [
        an('DaemonSet', 'kube-system/agent', {
          spec: { template: { spec: { hostPID: true, containers: [{ name: 'a' }] } } },
        }),
      ],
      finds: ['DaemonSet:kube-system/agent'],
      and: { class: 'advice', severity: 'info' },
    },
    { says: 'who runs it is not said', objects: [deployment('web')], finds: [] },
  ],
  { alone: true },
);

const probed = { containers: [{ name: 'main', readinessProbe: { httpGet: { path: '/' } } }] };

findingCases(probeMissing, [
  {
    says: 'behind a Service without a probe',
    objects: [deployment('web'), service('cart')],
    finds: ['Deployment:shop/web'],
  },
  { says: 'with one', objects: [deployment('web', probed), service('cart')], finds: [] },
  { says: 'no Service leads to it', objects: [deployment('web')], finds: [] },
]);

const asking = { containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }] };

findingCases(bestEffort, [
  { says: 'it requests nothing', objects: [deployment('web')], finds: ['Deployment:shop/web'] },
  { says: 'it does', objects: [deployment('web', asking)], finds: [] },
  {
    says: 'a LimitRange fills it in',
    objects: [
      deployment('web'),
      an('LimitRange', 'shop/l', { spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '1' } }] } }),
    ],
    finds: [],
  },
  { says: 'LimitRanges that cannot be read', objects: [deployment('web')], unknown: ['LimitRange'], finds: [] },
]);

findingCases(singleReplica, [
  {
    says: 'one replica behind a route',
    objects: [deployment('web'), service('cart'), ingress('i', 'a.example', 'cart')],
    finds: ['Deployment:shop/web'],
  },
  {
    says: 'two',
    objects: [deployment('web', {}, { replicas: 2 }), service('cart'), ingress('i', 'a.example', 'cart')],
    finds: [],
  },
  {
    says: 'it is recreated by intent',
    objects: [
      deployment('web', {}, { strategy: { type: 'Recreate' } }),
      service('cart'),
      ingress('i', 'a.example', 'cart'),
    ],
    finds: [],
  },
  { says: 'no route', objects: [deployment('web'), service('cart')], finds: [] },
]);
