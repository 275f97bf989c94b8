// Argo CD, Rollouts, Workflows and Events. What Argo CD tracks needs more than one object, and is code: see ../../argo.ts.
import type { Declaration } from '../declaration.ts';

const analyses = [
  'canary.analysis',
  'canary.steps[].analysis',
  'blueGreen.prePromotionAnalysis',
  'blueGreen.postPromotionAnalysis',
];
const analysisNames = analyses.map((path) => `spec.strategy.${path}.templates[].templateName`);
const workflows = ['Workflow.argoproj.io', 'WorkflowTemplate.argoproj.io', 'ClusterWorkflowTemplate.argoproj.io'];
/** A CronWorkflow holds a whole one. */
const workflowSpecs = [
  [workflows, 'spec'],
  [['CronWorkflow.argoproj.io'], 'spec.workflowSpec'],
] as const;
const templateRefs = [
  'templates[].steps[][].templateRef',
  'templates[].dag.tasks[].templateRef',
  'templates[].steps[][].hooks{}.templateRef',
  'templates[].dag.tasks[].hooks{}.templateRef',
  'hooks{}.templateRef',
];
/** Where a template of a Workflow has containers. */
const envOf = ['container', 'script', 'initContainers[]', 'sidecars[]', 'containerSet.containers[]'];
const analysisTemplates = ['AnalysisTemplate.argoproj.io', 'ClusterAnalysisTemplate.argoproj.io'];
const atClusterScope = { field: '.clusterScope', equals: true } as const;
const inNamespace = [
  { field: '.clusterScope', exists: false },
  { field: '.clusterScope', equals: false },
] as const;

/** What is named lies in no namespace where a field beside the name says so. */
function scoped(from: string | readonly string[], name: string | readonly string[], kind: string): Declaration[] {
  return [
    ...inNamespace.map((when) => ({ from, name, to: `${kind}.argoproj.io`, when })),
    { from, name, to: `Cluster${kind}.argoproj.io`, when: atClusterScope },
  ];
}

const ownServers = [
  'https://kubernetes.default.svc',
  'https://kubernetes.default.svc:443',
  'https://kubernetes.default',
  'https://kubernetes.default.svc.cluster.local',
  'https://kubernetes.default.svc.cluster.local:443',
  'https://kubernetes.default.svc/',
];

export const argo: readonly Declaration[] = [
  { from: 'Application.argoproj.io', without: ['references', 'names'] },
  {
    from: 'Application.argoproj.io',
    name: 'spec.destination.namespace',
    to: 'Namespace',
    relation: 'deploysTo',
    when: { field: 'spec.destination.server', in: ownServers },
  },
  {
    from: 'Application.argoproj.io',
    name: 'spec.destination.namespace',
    to: 'Namespace',
    relation: 'deploysTo',
    when: { field: 'spec.destination.name', equals: 'in-cluster' },
  },
  {
    from: 'AppProject.argoproj.io',
    name: 'spec.destinations[].namespace',
    to: 'Namespace',
    relation: 'allowsTo',
    sentence: 'An AppProject lets Applications deploy to the Namespaces of destinations whose server is this cluster.',
    depends: 'none',
    when: { field: '.server', in: ownServers },
  },
  {
    from: 'AppProject.argoproj.io',
    name: 'spec.destinations[].namespace',
    to: 'Namespace',
    relation: 'allowsTo',
    sentence: 'An AppProject lets Applications deploy to the Namespaces of destinations named in-cluster.',
    depends: 'none',
    when: { field: '.name', equals: 'in-cluster' },
  },
  {
    from: 'AppProject.argoproj.io',
    name: 'spec.sourceNamespaces[]',
    to: 'Namespace',
    relation: 'allowsFrom',
    sentence: 'An AppProject allows Applications from the Namespaces named in spec.sourceNamespaces[].',
    depends: 'none',
  },
  {
    from: 'AppProject.argoproj.io',
    name: 'spec.destinationServiceAccounts[].defaultServiceAccount',
    form: '{namespace}:{name}',
    to: 'ServiceAccount',
    depends: 'none',
    when: { field: '.server', in: ownServers },
  },
  { from: 'ApplicationSet.argoproj.io', name: 'spec.template.spec.project', to: 'AppProject.argoproj.io' },
  {
    from: 'ApplicationSet.argoproj.io',
    selector: ['', 'matrix.generators[].', 'merge.generators[].'].map(
      (inside) => `spec.generators[].${inside}clusters.selector`,
    ),
    to: 'Secret',
    sentence: 'An ApplicationSet selects the Secrets of the clusters for which it creates Applications.',
  },
  {
    from: 'Rollout.argoproj.io',
    name: [
      'spec.strategy.canary.stableService',
      'spec.strategy.canary.canaryService',
      'spec.strategy.blueGreen.activeService',
      'spec.strategy.blueGreen.previewService',
    ],
    to: 'Service',
    sentence: 'A Rollout uses the Services between which it shifts traffic.',
  },
  {
    from: 'Rollout.argoproj.io',
    name: [
      'spec.strategy.canary.pingPong.pingService',
      'spec.strategy.canary.pingPong.pongService',
      'spec.strategy.canary.trafficRouting.alb.rootService',
      'spec.strategy.canary.trafficRouting.smi.rootService',
    ],
    to: 'Service',
  },
  {
    from: 'Rollout.argoproj.io',
    name: [
      'spec.strategy.canary.trafficRouting.istio.virtualService',
      'spec.strategy.canary.trafficRouting.istio.virtualServices[]',
    ],
    form: '{name}.{namespace}.svc.cluster.local|{name}.{namespace}|{name}',
    to: 'VirtualService.networking.istio.io',
    sentence:
      'A Rollout uses the VirtualService that shifts its traffic, named name.namespace if in another namespace.',
  },
  {
    from: 'Rollout.argoproj.io',
    name: 'spec.strategy.canary.trafficRouting.traefik.weightedTraefikServiceName',
    to: 'TraefikService.traefik.io',
  },
  {
    from: 'Rollout.argoproj.io',
    name: 'spec.strategy.canary.trafficRouting.smi.trafficSplitName',
    to: 'TrafficSplit.split.smi-spec.io',
  },
  {
    from: 'Rollout.argoproj.io',
    name: 'spec.strategy.canary.trafficRouting.ambassador.mappings[]',
    to: 'Mapping.getambassador.io',
  },
  {
    from: 'Rollout.argoproj.io',
    name: 'spec.strategy.canary.trafficRouting.apisix.route',
    to: 'ApisixRoute.apisix.apache.org',
  },
  {
    from: 'Rollout.argoproj.io',
    name: 'spec.strategy.canary.trafficRouting.istio.destinationRule',
    to: 'DestinationRule.networking.istio.io',
  },
  {
    from: 'Rollout.argoproj.io',
    name: [
      'spec.strategy.canary.trafficRouting.nginx.stableIngress',
      'spec.strategy.canary.trafficRouting.nginx.stableIngresses[]',
      'spec.strategy.canary.trafficRouting.alb.ingress',
      'spec.strategy.canary.trafficRouting.alb.ingresses[]',
    ],
    to: 'Ingress',
  },
  {
    from: 'Rollout.argoproj.io',
    name: 'spec.strategy.canary.trafficRouting.plugins["argoproj-labs/gatewayAPI"].httpRoute',
    to: 'HTTPRoute.gateway.networking.k8s.io',
    namespace: '.namespace',
  },
  ...scoped('Rollout.argoproj.io', analysisNames, 'AnalysisTemplate'),
  ...scoped(analysisTemplates, 'spec.templates[].templateName', 'AnalysisTemplate'),
  { from: 'Rollout.argoproj.io', ref: 'spec.workloadRef', to: 'Deployment', group: 'apps' },
  ...scoped('Experiment.argoproj.io', 'spec.analyses[].templateName', 'AnalysisTemplate'),
  ...scoped('WorkflowEventBinding.argoproj.io', 'spec.submit.workflowTemplateRef', 'WorkflowTemplate'),
  ...workflowSpecs.flatMap(([from, spec]): Declaration[] => {
    const at = (...paths: string[]) => paths.map((path) => `${spec}.${path}`);
    return [
      ...scoped(from, at('workflowTemplateRef', ...templateRefs), 'WorkflowTemplate'),
      {
        from,
        name: at('serviceAccountName', 'templates[].serviceAccountName', 'executor.serviceAccountName'),
        to: 'ServiceAccount',
        relation: 'runsAs',
      },
      {
        from,
        name: at(
          'imagePullSecrets[]',
          'volumes[].secret.secretName',
          'templates[].volumes[].secret.secretName',
          ...envOf.map((path) => `templates[].${path}.env[].valueFrom.secretKeyRef`),
          ...envOf.map((path) => `templates[].${path}.envFrom[].secretRef`),
        ),
        to: 'Secret',
      },
      {
        from,
        name: at(
          'volumes[].configMap',
          'templates[].volumes[].configMap',
          ...envOf.map((path) => `templates[].${path}.env[].valueFrom.configMapKeyRef`),
          ...envOf.map((path) => `templates[].${path}.envFrom[].configMapRef`),
          'arguments.parameters[].valueFrom.configMapKeyRef',
          'artifactRepositoryRef.configMap',
          'templates[].memoize.cache.configMap',
        ),
        to: 'ConfigMap',
      },
      {
        from,
        name: at('volumes[].persistentVolumeClaim.claimName', 'templates[].volumes[].persistentVolumeClaim.claimName'),
        to: 'PersistentVolumeClaim',
        relation: 'mounts',
      },
    ];
  }),
  { from: ['EventSource.argoproj.io', 'Sensor.argoproj.io'], name: 'spec.eventBusName', to: 'EventBus.argoproj.io' },
  { from: 'Sensor.argoproj.io', name: 'spec.dependencies[].eventSourceName', to: 'EventSource.argoproj.io' },
];
