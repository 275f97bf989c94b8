// cert-manager, beside its Certificates. The Secrets of a ClusterIssuer lie where cert-manager itself runs.
import type { Declaration } from '../declaration.ts';

const group = 'cert-manager.io';
const requests = [`CertificateRequest.${group}`, 'Order.acme.cert-manager.io', 'Challenge.acme.cert-manager.io'];
const dns = [
  'cloudflare.apiTokenSecretRef',
  'cloudflare.apiKeySecretRef',
  'route53.secretAccessKeySecretRef',
  'route53.accessKeyIDSecretRef',
  'azureDNS.clientSecretSecretRef',
  'cloudDNS.serviceAccountSecretRef',
  'digitalocean.tokenSecretRef',
  'rfc2136.tsigSecretSecretRef',
  'akamai.clientTokenSecretRef',
  'akamai.clientSecretSecretRef',
  'akamai.accessTokenSecretRef',
  'acmeDNS.accountSecretRef',
];
const secrets = [
  ...[
    'spec.acme.privateKeySecretRef',
    'spec.acme.externalAccountBinding.keySecretRef',
    'spec.ca.secretName',
    'spec.vault.caBundleSecretRef',
    'spec.vault.clientCertSecretRef',
    'spec.vault.clientKeySecretRef',
  ],
  ...['tokenSecretRef', 'appRole.secretRef', 'kubernetes.secretRef', 'clientCertificate.secretName'].map(
    (path) => `spec.vault.auth.${path}`,
  ),
  ...['tpp.credentialsRef', 'tpp.caBundleSecretRef', 'cloud.apiTokenSecretRef', 'ngts.credentialsRef'].map(
    (path) => `spec.venafi.${path}`,
  ),
  ...dns.map((path) => `spec.acme.solvers[].dns01.${path}`),
];

export const certManager: readonly Declaration[] = [
  { from: requests, ref: 'spec.issuerRef', to: `Issuer.${group}`, group, relation: 'uses', namespace: 'own' },
  { from: `Issuer.${group}`, name: secrets, to: 'Secret', namespace: 'own' },
  {
    from: `ClusterIssuer.${group}`,
    name: secrets,
    to: 'Secret',
    otherwise: 'cert-manager',
    guess: true,
    sentence: 'A ClusterIssuer uses its Secrets in the namespace where cert-manager runs, by default cert-manager.',
  },
  {
    from: [`Issuer.${group}`, `ClusterIssuer.${group}`],
    ref: 'spec.acme.solvers[].http01.gatewayHTTPRoute.parentRefs[]',
    to: 'Gateway.gateway.networking.k8s.io',
    group: 'gateway.networking.k8s.io',
    relation: 'uses',
  },
  {
    from: [`Issuer.${group}`, `ClusterIssuer.${group}`],
    name: ['kubernetes.serviceAccountRef', 'aws.serviceAccountRef'].map((path) => `spec.vault.auth.${path}`),
    to: 'ServiceAccount',
    otherwise: 'cert-manager',
  },
  {
    from: `Issuer.${group}`,
    name: 'spec.acme.solvers[].http01.ingress.name',
    to: 'Ingress',
    sentence: 'An Issuer uses the existing Ingress through which it answers HTTP-01 challenges.',
  },
  // They say what their issuer says, whose Secrets may lie elsewhere.
  { from: 'Challenge.acme.cert-manager.io', without: ['names'] },
  {
    from: `Certificate.${group}`,
    name: ['spec.keystores.jks.passwordSecretRef', 'spec.keystores.pkcs12.passwordSecretRef'],
    to: 'Secret',
  },
  {
    from: `CertificateRequest.${group}`,
    annotation: 'cert-manager.io/certificate-name',
    to: `Certificate.${group}`,
    relation: 'owns',
  },
  {
    from: ['Ingress', 'Gateway.gateway.networking.k8s.io'],
    annotation: 'cert-manager.io/cluster-issuer',
    to: `ClusterIssuer.${group}`,
    relation: 'uses',
    reverse: false,
    depends: 'source',
    sentence: 'An Ingress or Gateway uses the ClusterIssuer named in its cert-manager annotation.',
  },
  {
    from: ['Ingress', 'Gateway.gateway.networking.k8s.io'],
    annotation: 'cert-manager.io/issuer',
    to: `Issuer.${group}`,
    relation: 'uses',
    reverse: false,
    depends: 'source',
    sentence: 'An Ingress or Gateway uses the Issuer named in its cert-manager annotation.',
  },
  {
    from: 'Bundle.trust.cert-manager.io',
    selector: 'spec.target.namespaceSelector',
    to: 'Namespace',
    namespace: 'all',
    relation: 'deploysTo',
  },
  {
    from: 'Bundle.trust.cert-manager.io',
    name: 'spec.sources[].configMap',
    to: 'ConfigMap',
    otherwise: 'cert-manager',
    guess: true,
  },
  {
    from: 'Bundle.trust.cert-manager.io',
    name: 'spec.sources[].secret',
    to: 'Secret',
    otherwise: 'cert-manager',
    guess: true,
  },
];
