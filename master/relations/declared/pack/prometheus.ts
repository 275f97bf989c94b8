// The Prometheus operator: which monitors and rules a server takes, and what it and they need. What monitors scrape is code.
import type { Declaration } from '../declaration.ts';

const group = 'monitoring.coreos.com';
const servers = [`Prometheus.${group}`, `PrometheusAgent.${group}`];
const alertmanager = `Alertmanager.${group}`;
const all = [...servers, alertmanager, `ThanosRuler.${group}`];
const secretsOf = (path: string) =>
  [
    ...[
      'basicAuth.username',
      'basicAuth.password',
      'bearerTokenSecret',
      'authorization.credentials',
      'oauth2.clientSecret',
    ],
    ...['oauth2.clientId.secret', 'tlsConfig.ca.secret', 'tlsConfig.cert.secret', 'tlsConfig.keySecret'],
  ].map((field) => `${path}.${field}`);
const configMapsOf = (path: string) =>
  ['tlsConfig.ca.configMap', 'tlsConfig.cert.configMap', 'oauth2.clientId.configMap'].map(
    (field) => `${path}.${field}`,
  );
/** What receivers of an AlertmanagerConfig are told by, as far as its name does not say that it lies in a Secret. */
const receiverSecrets = [
  ...[
    'slackConfigs[].apiURL',
    'pagerdutyConfigs[].routingKey',
    'pagerdutyConfigs[].serviceKey',
    'webhookConfigs[].urlSecret',
  ],
  ...[
    'opsgenieConfigs[].apiKey',
    'emailConfigs[].authPassword',
    'emailConfigs[].authSecret',
    'victoropsConfigs[].apiKey',
  ],
  ...['pushoverConfigs[].userKey', 'pushoverConfigs[].token', 'telegramConfigs[].botToken', 'discordConfigs[].apiURL'],
  ...['wechatConfigs[].apiSecret', 'msteamsConfigs[].webhookUrl'],
].map((path) => `spec.receivers[].${path}`);
const taken = (from: string | readonly string[], field: string, kind: string): Declaration => ({
  from,
  selector: `spec.${field}Selector`,
  to: `${kind}.${group}`,
  namespace: `spec.${field}NamespaceSelector`,
  empty: 'all',
  relation: 'uses',
});

export const prometheusOperator: readonly Declaration[] = [
  taken(servers, 'serviceMonitor', 'ServiceMonitor'),
  taken(servers, 'podMonitor', 'PodMonitor'),
  taken(servers, 'probe', 'Probe'),
  taken(servers, 'scrapeConfig', 'ScrapeConfig'),
  taken([`Prometheus.${group}`, `ThanosRuler.${group}`], 'rule', 'PrometheusRule'),
  taken(alertmanager, 'alertmanagerConfig', 'AlertmanagerConfig'),
  { from: `Prometheus.${group}`, name: 'spec.alerting.alertmanagers[]', to: 'Service', relation: 'calls' },
  { from: all, name: 'spec.serviceAccountName', to: 'ServiceAccount', relation: 'runsAs' },
  {
    from: all,
    name: [
      'spec.imagePullSecrets[]',
      'spec.additionalScrapeConfigs',
      'spec.additionalAlertManagerConfigs',
      'spec.additionalAlertRelabelConfigs',
      'spec.thanos.objectStorageConfig',
      'spec.objectStorageConfig',
      'spec.alertmanagersConfig',
      'spec.queryConfig',
      'spec.web.tlsConfig.keySecret',
      ...secretsOf('spec.remoteWrite[]').filter((path) => !path.endsWith('bearerTokenSecret')),
      ...secretsOf('spec.remoteRead[]').filter((path) => !path.endsWith('bearerTokenSecret')),
    ],
    to: 'Secret',
  },
  { from: all, name: ['spec.secrets[]', 'spec.configSecret'], to: 'Secret', texts: true },
  {
    from: alertmanager,
    name: 'metadata.name',
    as: 'alertmanager-{name}',
    to: 'Secret',
    optional: true,
    when: { field: 'spec.configSecret', exists: false },
    sentence: 'An Alertmanager without spec.configSecret uses the Secret alertmanager- followed by its own name.',
  },
  { from: all, name: 'spec.configMaps[]', to: 'ConfigMap' },
  { from: all, name: ['spec.storage.volumeClaimTemplate.spec.storageClassName'], to: 'StorageClass' },
  { from: `ServiceMonitor.${group}`, name: secretsOf('spec.endpoints[]'), to: 'Secret' },
  { from: `PodMonitor.${group}`, name: secretsOf('spec.podMetricsEndpoints[]'), to: 'Secret' },
  { from: `ServiceMonitor.${group}`, name: configMapsOf('spec.endpoints[]'), to: 'ConfigMap' },
  { from: `PodMonitor.${group}`, name: configMapsOf('spec.podMetricsEndpoints[]'), to: 'ConfigMap' },
  { from: [`Probe.${group}`, `ScrapeConfig.${group}`], name: configMapsOf('spec'), to: 'ConfigMap' },
  { from: `AlertmanagerConfig.${group}`, name: receiverSecrets, to: 'Secret' },
  { from: [`Probe.${group}`, `ScrapeConfig.${group}`], name: secretsOf('spec'), to: 'Secret' },
  { from: `Probe.${group}`, host: 'spec.prober.url', relation: 'calls' },
  {
    from: `Probe.${group}`,
    selector: 'spec.targets.ingress.selector',
    to: 'Ingress',
    namespace: 'spec.targets.ingress.namespaceSelector',
    relation: 'scrapes',
  },
  { from: alertmanager, name: 'spec.alertmanagerConfiguration', to: `AlertmanagerConfig.${group}` },
];
