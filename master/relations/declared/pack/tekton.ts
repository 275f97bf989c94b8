// Tekton pipelines and triggers.
import type { Declaration } from '../declaration.ts';

const tekton = (kind: string) => `${kind}.tekton.dev`;
const triggers = (kind: string) => `${kind}.triggers.tekton.dev`;
const runs = [tekton('PipelineRun'), tekton('TaskRun')];
const withWorkspaces = [...runs, tekton('CustomRun')];
const taskRefs = ['tasks[].taskRef', 'finally[].taskRef'];

export const tektonPipelines: readonly Declaration[] = [
  {
    from: tekton('PipelineRun'),
    ref: 'spec.pipelineRef',
    to: tekton('Pipeline'),
    group: 'tekton.dev',
    relation: 'createdFrom',
    namespace: 'own',
  },
  {
    from: tekton('TaskRun'),
    ref: 'spec.taskRef',
    to: tekton('Task'),
    group: 'tekton.dev',
    relation: 'createdFrom',
    namespace: 'own',
  },
  {
    from: tekton('Pipeline'),
    ref: taskRefs.map((path) => `spec.${path}`),
    to: tekton('Task'),
    group: 'tekton.dev',
    relation: 'uses',
    namespace: 'own',
  },
  {
    from: tekton('PipelineRun'),
    ref: taskRefs.map((path) => `spec.pipelineSpec.${path}`),
    to: tekton('Task'),
    group: 'tekton.dev',
    relation: 'uses',
    namespace: 'own',
  },
  {
    from: tekton('Pipeline'),
    name: ['spec.tasks[].pipelineRef', 'spec.finally[].pipelineRef'],
    to: tekton('Pipeline'),
    namespace: 'own',
  },
  {
    from: tekton('PipelineRun'),
    ref: 'status.childReferences[]',
    group: 'tekton.dev',
    relation: 'owns',
    depends: 'target',
    namespace: 'own',
  },
  { from: tekton('TaskRun'), name: 'status.podName', to: 'Pod', relation: 'owns', depends: 'target' },
  {
    from: withWorkspaces,
    name: 'spec.workspaces[].persistentVolumeClaim.claimName',
    to: 'PersistentVolumeClaim',
    relation: 'mounts',
  },
  {
    from: withWorkspaces,
    name: ['spec.workspaces[].secret.secretName', 'spec.workspaces[].projected.sources[].secret'],
    to: 'Secret',
  },
  {
    from: withWorkspaces,
    name: ['spec.workspaces[].configMap', 'spec.workspaces[].projected.sources[].configMap'],
    to: 'ConfigMap',
  },
  {
    from: runs,
    name: [
      'spec.serviceAccountName',
      'spec.taskRunTemplate.serviceAccountName',
      'spec.taskRunSpecs[].serviceAccountName',
    ],
    to: 'ServiceAccount',
    relation: 'runsAs',
  },
  {
    from: [triggers('EventListener'), triggers('Trigger')],
    name: ['spec.triggers[].template.ref', 'spec.template.ref'],
    to: triggers('TriggerTemplate'),
  },
  {
    from: [triggers('EventListener'), triggers('Trigger')],
    name: ['spec.triggers[].bindings[].ref', 'spec.bindings[].ref'],
    to: triggers('TriggerBinding'),
    when: { field: '.kind', exists: false },
  },
  {
    from: [triggers('EventListener'), triggers('Trigger')],
    name: ['spec.triggers[].bindings[].ref', 'spec.bindings[].ref'],
    to: triggers('TriggerBinding'),
    when: { field: '.kind', equals: 'TriggerBinding' },
  },
  {
    from: [triggers('EventListener'), triggers('Trigger')],
    name: ['spec.triggers[].bindings[].ref', 'spec.bindings[].ref'],
    to: triggers('ClusterTriggerBinding'),
    namespace: 'none',
    when: { field: '.kind', equals: 'ClusterTriggerBinding' },
  },
  { from: triggers('EventListener'), name: 'spec.triggers[].triggerRef', to: triggers('Trigger') },
  {
    from: [triggers('EventListener'), triggers('Trigger')],
    ref: ['spec.triggers[].interceptors[].ref', 'spec.interceptors[].ref'],
    to: triggers('ClusterInterceptor'),
    group: 'triggers.tekton.dev',
    relation: 'calls',
  },
  {
    from: [triggers('ClusterInterceptor'), triggers('Interceptor')],
    name: 'spec.clientConfig.service',
    to: 'Service',
    relation: 'calls',
  },
  {
    from: triggers('EventListener'),
    selector: 'spec.labelSelector',
    to: triggers('Trigger'),
    namespace: 'spec.namespaceSelector',
  },
  { from: triggers('EventListener'), name: 'spec.serviceAccountName', to: 'ServiceAccount', relation: 'runsAs' },
];
