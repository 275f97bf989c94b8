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
const templateRefs = ['steps[][].templateRef', 'dag.tasks[].templateRef'];
const ownServers = [
  'https://kubernetes.default.svc',
  'https://kubernetes.default.svc:443',
  'https://kubernetes.default',
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
    depends: 'none',
    when: { field: '.server', in: ownServers },
  },
  {
    from: 'AppProject.argoproj.io',
    name: 'spec.destinations[].namespace',
    to: 'Namespace',
    relation: 'allowsTo',
    depends: 'none',
    when: { field: '.name', equals: 'in-cluster' },
  },
  {
    from: 'AppProject.argoproj.io',
    name: 'spec.sourceNamespaces[]',
    to: 'Namespace',
    relation: 'allowsFrom',
    depends: 'none',
  },
  { from: 'ApplicationSet.argoproj.io', name: 'spec.template.spec.project', to: 'AppProject.argoproj.io' },
  { from: 'ApplicationSet.argoproj.io', selector: 'spec.generators[].clusters.selector', to: 'Secret' },
  {
    from: 'Rollout.argoproj.io',
    name: [
      'spec.strategy.canary.stableService',
      'spec.strategy.canary.canaryService',
      'spec.strategy.blueGreen.activeService',
      'spec.strategy.blueGreen.previewService',
    ],
    to: 'Service',
    sentence: 'A Rollout uses the Services between which it moves its traffic.',
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
    form: '{name}',
    to: 'VirtualService.networking.istio.io',
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
  {
    from: 'Rollout.argoproj.io',
    name: analysisNames,
    to: 'AnalysisTemplate.argoproj.io',
    when: { field: '.clusterScope', exists: false },
  },
  {
    from: 'Rollout.argoproj.io',
    name: analysisNames,
    to: 'AnalysisTemplate.argoproj.io',
    when: { field: '.clusterScope', equals: false },
  },
  {
    from: 'Rollout.argoproj.io',
    name: analysisNames,
    to: 'ClusterAnalysisTemplate.argoproj.io',
    when: { field: '.clusterScope', equals: true },
  },
  { from: 'Rollout.argoproj.io', ref: 'spec.workloadRef', to: 'Deployment', group: 'apps' },
  { from: 'Experiment.argoproj.io', name: 'spec.analyses[].templateName', to: 'AnalysisTemplate.argoproj.io' },
  ...['Workflow.argoproj.io', 'CronWorkflow.argoproj.io'].flatMap((from): Declaration[] => {
    const path = from.startsWith('Cron') ? 'spec.workflowSpec.workflowTemplateRef' : 'spec.workflowTemplateRef';
    return [
      { from, name: path, to: 'ClusterWorkflowTemplate.argoproj.io', when: { field: '.clusterScope', equals: true } },
      { from, name: path, to: 'WorkflowTemplate.argoproj.io', when: { field: '.clusterScope', exists: false } },
      { from, name: path, to: 'WorkflowTemplate.argoproj.io', when: { field: '.clusterScope', equals: false } },
    ];
  }),
  {
    from: workflows,
    name: templateRefs.map((path) => `spec.templates[].${path}`),
    to: 'WorkflowTemplate.argoproj.io',
    when: { field: '.clusterScope', exists: false },
  },
  {
    from: workflows,
    name: templateRefs.map((path) => `spec.templates[].${path}`),
    to: 'ClusterWorkflowTemplate.argoproj.io',
    when: { field: '.clusterScope', equals: true },
  },
  {
    from: workflows,
    name: ['spec.serviceAccountName', 'spec.templates[].serviceAccountName'],
    to: 'ServiceAccount',
    relation: 'runsAs',
  },
  {
    from: workflows,
    name: [
      'spec.volumes[].secret.secretName',
      'spec.templates[].volumes[].secret.secretName',
      'spec.templates[].container.env[].valueFrom.secretKeyRef',
      'spec.templates[].script.env[].valueFrom.secretKeyRef',
      'spec.templates[].container.envFrom[].secretRef',
    ],
    to: 'Secret',
  },
  {
    from: workflows,
    name: [
      'spec.volumes[].configMap',
      'spec.templates[].container.env[].valueFrom.configMapKeyRef',
      'spec.templates[].container.envFrom[].configMapRef',
      'spec.arguments.parameters[].valueFrom.configMapKeyRef',
    ],
    to: 'ConfigMap',
  },
  {
    from: workflows,
    name: 'spec.volumes[].persistentVolumeClaim.claimName',
    to: 'PersistentVolumeClaim',
    relation: 'mounts',
  },
  { from: ['EventSource.argoproj.io', 'Sensor.argoproj.io'], name: 'spec.eventBusName', to: 'EventBus.argoproj.io' },
  { from: 'Sensor.argoproj.io', name: 'spec.dependencies[].eventSourceName', to: 'EventSource.argoproj.io' },
];
