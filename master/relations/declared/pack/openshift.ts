// OpenShift: routes, deployments, builds, image streams, instances of templates, machines.
import type { Declaration } from '../declaration.ts';

const route = 'Route.route.openshift.io';
const stream = 'ImageStream.image.openshift.io';
const tag = 'ImageStreamTag.image.openshift.io';
const config = 'DeploymentConfig.apps.openshift.io';
const build = ['BuildConfig.build.openshift.io', 'Build.build.openshift.io'];
const strategies = ['dockerStrategy', 'sourceStrategy', 'customStrategy'];
const images = [
  ...strategies.map((name) => `spec.strategy.${name}.from`),
  'spec.output.to',
  'spec.source.images[].from',
];
const isTag = { field: '.kind', equals: 'ImageStreamTag' } as const;

export const openshift: readonly Declaration[] = [
  {
    from: route,
    ref: ['spec.to', 'spec.alternateBackends[]'],
    to: 'Service',
    relation: 'routesTo',
    weight: '.weight',
    namespace: 'own',
  },
  { from: route, host: 'spec.host', served: true, relation: 'serves', depends: 'target' },
  { from: route, name: 'spec.tls.externalCertificate', to: 'Secret' },
  {
    from: 'Service',
    annotation: 'service.beta.openshift.io/serving-cert-secret-name',
    to: 'Secret',
    relation: 'issues',
    reverse: false,
    depends: 'target',
    sentence: 'A Service issues the Secret in which OpenShift stores its serving certificate.',
  },
  {
    from: config,
    ref: 'spec.triggers[].imageChangeParams.from',
    to: tag,
    group: 'image.openshift.io',
    relation: 'createdFrom',
    depends: 'none',
  },
  {
    from: config,
    name: 'spec.triggers[].imageChangeParams.from.name',
    form: '{name}:{}',
    to: stream,
    namespace: '.namespace',
    relation: 'createdFrom',
    when: isTag,
  },
  {
    from: build,
    name: images.map((path) => `${path}.name`),
    form: '{name}:{}',
    to: stream,
    namespace: '.namespace',
    relation: 'createdFrom',
    when: isTag,
  },
  {
    from: build,
    name: [
      'spec.source.sourceSecret',
      'spec.source.secrets[].secret',
      'spec.output.pushSecret',
      ...strategies.map((name) => `spec.strategy.${name}.pullSecret`),
    ],
    to: 'Secret',
  },
  { from: build, name: 'spec.source.configMaps[].configMap', to: 'ConfigMap' },
  { from: build, name: 'spec.serviceAccount', to: 'ServiceAccount', relation: 'runsAs' },
  { from: build, without: ['references'] },
  {
    from: stream,
    name: 'spec.tags[].from.name',
    form: '{name}:{}',
    to: stream,
    namespace: '.namespace',
    relation: 'createdFrom',
    when: isTag,
  },
  { from: stream, without: ['references'] },
  { from: 'TemplateInstance.template.openshift.io', ref: 'status.objects[].ref', relation: 'owns', depends: 'target' },
  { from: 'TemplateInstance.template.openshift.io', name: 'spec.secret', to: 'Secret' },
  { from: 'TemplateInstance.template.openshift.io', without: ['references', 'names', 'templates'] },
  {
    from: ['Machine.machine.openshift.io', 'MachineSet.machine.openshift.io'],
    name: ['spec.providerSpec.value', 'spec.template.spec.providerSpec.value'].flatMap((path) => [
      `${path}.credentialsSecret`,
      `${path}.userDataSecret`,
    ]),
    to: 'Secret',
  },
  {
    from: 'MachineHealthCheck.machine.openshift.io',
    selector: 'spec.selector',
    to: 'Machine.machine.openshift.io',
    relation: 'measures',
  },
  {
    from: 'SecurityContextConstraints.security.openshift.io',
    name: 'users[]',
    form: 'system:serviceaccount:{namespace}:{name}',
    to: 'ServiceAccount',
    relation: 'grantsTo',
    depends: 'target',
    sentence: 'SecurityContextConstraints grant rights to the ServiceAccounts listed as users.',
  },
  {
    from: 'ConsolePlugin.console.openshift.io',
    name: ['spec.backend.service', 'spec.proxy[].endpoint.service'],
    to: 'Service',
    relation: 'routesTo',
  },
  {
    from: 'EgressFirewall.k8s.ovn.org',
    host: 'spec.egress[].to.dnsName',
    served: true,
    relation: 'allowsTo',
    depends: 'none',
    when: { field: '..type', equals: 'Allow' },
  },
  { from: 'Machine.machine.openshift.io', name: 'status.nodeRef', to: 'Node', relation: 'owns', depends: 'target' },
  {
    from: 'EgressIP.k8s.ovn.org',
    selector: 'spec.podSelector',
    namespace: 'spec.namespaceSelector',
    empty: 'all',
    relation: 'selects',
  },
];
