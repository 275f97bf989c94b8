// What is applied to a cluster so that it calls in: a master with all that it needs, and the Secret of its enrolment. The objects of
// the master are those of manifests/overlays/agent, printed into agent-manifest.yaml by `npm run docs`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface EnrolmentFacts {
  readonly url: string;
  readonly account: string;
  readonly cluster: string;
  readonly secret: string;
  readonly image: string;
  /** Certificates of the CA that the gateway's certificate is of, where it is none of the usual ones. */
  readonly ca: string | undefined;
}

const printed = join(import.meta.dirname, 'agent-manifest.yaml');
/** Where the component `uplink` mounts the Secret. */
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
