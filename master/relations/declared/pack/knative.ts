// Knative Serving and Eventing. Its Services' templates of Pods are found by their shape.
import type { Declaration } from '../declaration.ts';

const serving = 'serving.knative.dev';
const eventing = 'eventing.knative.dev';
const messaging = 'messaging.knative.dev';

export const knative: readonly Declaration[] = [
  {
    from: [`Service.${serving}`, `Route.${serving}`],
    name: 'spec.traffic[].revisionName',
    to: `Revision.${serving}`,
    relation: 'routesTo',
    weight: '.percent',
  },
  {
    from: [`Service.${serving}`, `Configuration.${serving}`],
    name: ['status.latestReadyRevisionName', 'status.latestCreatedRevisionName'],
    to: `Revision.${serving}`,
    relation: 'refersTo',
    depends: 'none',
  },
  {
    from: `Route.${serving}`,
    name: 'spec.traffic[].configurationName',
    to: `Configuration.${serving}`,
    relation: 'routesTo',
    weight: '.percent',
  },
  { from: `DomainMapping.${serving}`, ref: 'spec.ref', relation: 'routesTo' },
  { from: `DomainMapping.${serving}`, host: 'metadata.name', served: true, relation: 'serves', depends: 'target' },
  { from: `Trigger.${eventing}`, name: 'spec.broker', to: `Broker.${eventing}` },
  { from: [`Trigger.${eventing}`, `Subscription.${messaging}`], ref: 'spec.subscriber.ref', relation: 'routesTo' },
  { from: `Subscription.${messaging}`, ref: 'spec.channel', relation: 'uses' },
  { from: `Subscription.${messaging}`, ref: 'spec.reply.ref', relation: 'routesTo', depends: 'none' },
  { from: `Trigger.${eventing}`, ref: 'spec.brokerRef', relation: 'uses' },
  {
    from: ['Sequence.flows.knative.dev', 'Parallel.flows.knative.dev'],
    ref: [
      'spec.steps[].ref',
      'spec.branches[].filter.ref',
      'spec.branches[].subscriber.ref',
      'spec.branches[].reply.ref',
      'spec.reply.ref',
    ],
    relation: 'routesTo',
  },
  { from: 'SinkBinding.sources.knative.dev', ref: 'spec.subject', relation: 'configures', depends: 'none' },
  {
    from: 'Ingress.networking.internal.knative.dev',
    name: 'spec.rules[].http.paths[].splits[].serviceName',
    to: 'Service',
    namespace: '.serviceNamespace',
    relation: 'routesTo',
    weight: '.percent',
  },
  { from: `Broker.${eventing}`, ref: 'spec.config', relation: 'uses' },
  {
    from: [`Broker.${eventing}`, `Trigger.${eventing}`, `Subscription.${messaging}`],
    ref: 'spec.delivery.deadLetterSink.ref',
    relation: 'routesTo',
    depends: 'none',
  },
  { from: '*.sources.knative.dev', ref: 'spec.sink.ref', relation: 'routesTo' },
  {
    from: 'PodAutoscaler.autoscaling.internal.knative.dev',
    ref: 'spec.scaleTargetRef',
    relation: 'scales',
    depends: 'none',
  },
];
