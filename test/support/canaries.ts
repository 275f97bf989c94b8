// Objects with a canary wherever a secret may be, and answers of runtimes with canaries: no output of the process may contain it.
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import type { KubernetesObject } from '../../src/model.ts';

export const canary = 'Qcanaryinthemineq';
const encoded = Buffer.from(canary).toString('base64');

/** All spellings in which the canary might appear. */
export const spellings: readonly string[] = [
  canary,
  encoded,
  encodeURIComponent(encoded),
  Buffer.from(encoded).toString('base64'),
];

const url = `https://user:${canary}@host.example.com/x?a=1&sig=${canary}`;
const said = `failed: ${url} with --token ${canary} and password=${canary}`;
const secret = () => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's' },
  data: { any: encoded },
  stringData: { id: canary },
});
const manifest = `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  any: ${encoded}\n---\nkind: Pod\nspec:\n  containers:\n  - env:\n    - {name: A, value: ${canary}}\n`;

export const command = (): string[] => ['sh', '-c', `redis-cli -a ${canary}; curl -u me:${canary} ${url}`];
const container = () => ({
  name: 'main',
  image: 'shop:v1',
  env: [{ name: 'ANY', value: canary }],
  command: command(),
  args: ['--password', canary, `--api-key=${canary}`, '-H', `Authorization: Bearer ${canary}`],
  livenessProbe: { exec: { command: ['mysqladmin', 'ping', '-uroot', `-p${canary}`] } },
  readinessProbe: { httpGet: { path: `/?key=${canary}`, httpHeaders: [{ name: 'X-Any', value: canary }] } },
  lifecycle: { preStop: { exec: { command: ['ldapsearch', '-w', canary] } } },
});
const podSpec = () => ({
  containers: [container()],
  initContainers: [container()],
  ephemeralContainers: [container()],
  volumes: [
    { name: 'a', csi: { driver: 'd', volumeAttributes: { any: url, password: canary } } },
    { name: 'b', flexVolume: { driver: 'd', options: { pwd: canary } } },
    { name: 'c', gitRepo: { repository: url } },
    { name: 'd', scaleIO: { gateway: url, secretRef: { name: 's' } } },
    { name: 'e', hostPath: { path: url } },
    { name: 'f', nfs: { server: url, path: '/' } },
    { name: 'g', rbd: { keyring: url, image: 'x', monitors: [url] } },
    { name: 'h', ephemeral: { volumeClaimTemplate: { metadata: { annotations: annotations() }, spec: {} } } },
  ],
});
const annotations = () => ({
  'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ any: canary }),
  'example.com/copy': JSON.stringify({ apiVersion: 'v1', kind: 'Thing', any: canary }),
  'example.com/manifest': manifest,
  'example.com/list': JSON.stringify(['server', '--token', canary]),
  'example.com/encoded': Buffer.from(manifest).toString('base64'),
  'example.com/secret': canary,
  'example.com/url': url,
  'example.com/hook': `https://hooks.slack.com/services/T0/B0/${canary}`,
});
const conditions = () => [{ type: 'Ready', status: 'False', reason: `token=${canary}`, message: said }];

/** Contents of a custom resource, with many names and shapes. */
const settings = () => ({
  password: canary,
  passwords: [canary],
  token: { value: canary },
  secret: canary,
  connectionString: `Server=x;Password=${canary}`,
  dsn: `root:${canary}@tcp(db:3306)/x`,
  'tls.key': encoded,
  psk: canary,
  stringData: { any: canary },
  secrets: { any: { deep: [canary] } },
  environment: { ANY: canary },
  extraEnv: [{ name: 'ANY', value: canary }],
  parameters: [
    { name: 'any', value: canary },
    { name: 'b', string: canary },
    { name: 'c', map: { d: canary } },
  ],
  pairs: [
    { key: 'password', value: canary },
    { name: 'api-token', valueString: canary },
  ],
  generate: { apiVersion: 'v1', kind: 'Secret', name: 's', data: { data: { any: encoded } } },
  manifests: [secret(), { kind: 'SecretList', items: [{ data: { any: encoded } }] }],
  content: manifest,
  json: JSON.stringify({ items: [secret()] }),
  base64: Buffer.from(JSON.stringify(secret())).toString('base64'),
  values: `db:\n  auth:\n    password:\n      - ${canary}\nextraEnv:\n  ANY: ${canary}\n`,
  [url]: true,
  template: { type: 'Opaque', data: { any: canary } },
  userData: `#cloud-config\npassword: ${canary}\n`,
  command: command(),
  message: said,
});

const status = () => ({
  message: said,
  reason: `token=${canary}`,
  conditions: conditions(),
});
const containerStatuses = () => [
  { name: 'main', state: { waiting: { message: said, reason: said } }, lastState: { terminated: { message: said } } },
];
const template = () => ({ metadata: { annotations: annotations() }, spec: podSpec() });

/** What the API server accepts in objects of these kinds; other kinds may contain anything. */
const bodies: { readonly [type: string]: () => object } = {
  Pod: () => ({ spec: podSpec(), status: { ...status(), containerStatuses: containerStatuses() } }),
  CronJob: () => ({
    spec: { jobTemplate: { metadata: { annotations: annotations() }, spec: { template: template() } } },
  }),
  PodTemplate: () => ({ template: template() }),
  StatefulSet: () => ({
    spec: { template: template(), volumeClaimTemplates: [{ metadata: { annotations: annotations() } }] },
  }),
  Secret: () => ({ data: { any: encoded }, stringData: { any: canary } }),
  ConfigMap: () => ({ data: { any: canary, more: manifest }, binaryData: { any: encoded } }),
  PriorityClass: () => ({ description: said }),
};
const withTemplate = ['ReplicationController', 'ReplicaSet', 'Deployment', 'DaemonSet', 'Job'];
/**
 * Kinds whose fields the API server restricts to numbers, words, names and addresses, so that only their status may contain a
 * canary.
 */
export const checked =
  'Node Namespace Service Endpoints EndpointSlice ServiceAccount PersistentVolumeClaim Ingress NetworkPolicy HorizontalPodAutoscaler PodDisruptionBudget Role RoleBinding ClusterRole ClusterRoleBinding RuntimeClass ResourceQuota LimitRange Lease CSINode CSIDriver CustomResourceDefinition APIService'.split(
    ' ',
  );

function bodyOf({ kind, group }: Kind): object {
  const builtIn = !group.includes('.') || group.endsWith('.k8s.io');
  const known = bodies[kind];
  if (builtIn && known !== undefined) return { status: status(), ...known() };
  if (builtIn && withTemplate.includes(kind)) return { spec: { template: template() }, status: status() };
  if (builtIn && checked.includes(kind)) return { status: status(), more: settings() };
  return {
    spec: { ...settings(), template: template() },
    status: { ...status(), settings: settings() },
    more: settings(),
    message: said,
  };
}

export function objectOf(kind: Kind, more: object = {}): KubernetesObject {
  const { group, versions, namespaced } = kind;
  return {
    apiVersion: group === '' ? (versions[0] ?? 'v1') : `${group}/${versions[0]}`,
    kind: kind.kind,
    metadata: {
      name: 'canary',
      uid: `uid-${kind.kind}-${group}`,
      resourceVersion: '1',
      ...(namespaced ? { namespace: 'mine' } : {}),
      annotations: annotations(),
      ...more,
    },
    ...bodyOf(kind),
  };
}

export const everyKind: readonly Kind[] = kinds;

/** A Docker inspect with a canary in known and unknown fields. */
export const inspected = (): { readonly [field: string]: unknown } => ({
  Path: 'redis-cli',
  Args: ['-a', canary],
  Config: {
    Env: [`ANY=${canary}`],
    Cmd: ['--password', canary],
    Entrypoint: command(),
    Shell: ['sh', '-c', `sshpass -p ${canary}`],
    Volumes: { [url]: {} },
    Labels: annotations(),
    Healthcheck: { Test: ['CMD-SHELL', `mysql -uroot -p${canary}`] },
    OnBuild: [`RUN curl -u me:${canary} x`],
  },
  HostConfig: {
    Binds: [`${url}:/x`],
    StorageOpt: { password: canary },
    Tmpfs: { '/run': `password=${canary}` },
    SecurityOpt: [`token=${canary}`],
    LogConfig: { Config: { 'splunk-token': canary, any: url } },
  },
  Mounts: [{ Source: url }],
  NetworkSettings: { Networks: { x: { DriverOpts: { password: canary } } } },
  AuthConfig: { password: canary },
  Comment: said,
  registrytoken: canary,
  History: [{ CreatedBy: `RUN docker login -p ${canary}` }],
});
