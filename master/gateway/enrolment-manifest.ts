// The manifest that connects a cluster: a master with its requirements, and the enrolment's Secret. The master's objects
// are from manifests/overlays/agent, generated into agent-manifest.yaml by `npm run docs`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface EnrolmentFacts {
  readonly url: string;
  readonly account: string;
  readonly cluster: string;
  readonly secret: string;
  readonly image: string;
  /** CA certificates of the gateway, unless a public CA signed it. */
  readonly ca: string | undefined;
}

const printed = join(import.meta.dirname, 'agent-manifest.yaml');
/** Mount path of the Secret in the component `uplink`. */
const mounted = '/etc/cluster-insight/gateway';

export function enrolmentManifest({ url, account, cluster, secret, image, ca }: EnrolmentFacts): string {
  const head = [
    `# The cluster ${cluster} calls in at ${url}. Apply it within four hours; it holds a secret.`,
    '#   kubectl apply -f THIS-FILE',
  ].join('\n');
  const objects = readFileSync(printed, 'utf8').replaceAll(
    'image: cluster-insight:agent',
    `image: ${JSON.stringify(image)}`,
  );
  const data = {
    url,
    account,
    cluster,
    secret,
    ...(ca === undefined ? {} : { 'ca.crt': ca, caFile: `${mounted}/ca.crt` }),
  };
  const enrolment = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'cluster-insight-gateway', namespace: 'cluster-insight' },
    type: 'Opaque',
    stringData: data,
  };
  return `${head}\n${objects}---\n${stringify(enrolment)}`;
}
