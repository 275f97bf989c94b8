// Finds a master's Service in the cluster, and a Pod behind it.
import type { Client } from '../../master/sources/kubernetes/client.ts';
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import { failed } from '../failure.ts';
import type { Door } from './port-forward.ts';

export interface MasterService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly targetPort: string | number;
  readonly selector: { readonly [label: string]: string };
}

/** For the audit. */
const purpose = 'find the master';
const usualNamespace = 'cluster-insight';
const usualNames = { master: 'cluster-insight', actor: 'cluster-insight-actor' } as const;
type Component = keyof typeof usualNames;
const labelsOf = (component: Component) =>
  `app.kubernetes.io/part-of=cluster-insight,app.kubernetes.io/component=${component}`;

/**
 * The Service given as `namespace/name`, or found by label. Undefined if there is none.
 * @throws Failure if there are several and none is in the usual place.
 */
export function findMaster(client: Client, named: string | undefined, own: string): Promise<MasterService | undefined> {
  return findService(client, named, own, 'master');
}

/** The same for another component. */
export async function findService(
  client: Client,
  named: string | undefined,
  own: string,
  component: Component,
): Promise<MasterService | undefined> {
  if (named !== undefined) {
    const [namespace = '', name = ''] = named.split('/');
    return serviceAt(client, namespace, name);
  }
  const usual = { namespace: usualNamespace, name: usualNames[component] };
  const found = (await labelled(client, '', component)) ?? [
    ...((await labelled(client, own, component)) ?? []),
    ...(own === usual.namespace ? [] : ((await labelled(client, usual.namespace, component)) ?? [])),
  ];
  const [first, second] = found;
  if (first === undefined) return serviceAt(client, usual.namespace, usual.name);
  if (second === undefined) return first;
  const chosen = found.find(({ namespace, name }) => namespace === usual.namespace && name === usual.name);
  if (chosen !== undefined) return chosen;
  const places = found.map(({ namespace, name }) => `${namespace}/${name}`).sort();
  throw failed(`several ${component}s run here: choose with --service ${places.join(', --service ')}`);
}

/** Undefined if the user may not list Services there. */
async function labelled(client: Client, namespace: string, component: Component): Promise<MasterService[] | undefined> {
  const where = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const answer = await client.get(
    `/api/v1${where}/services?limit=100&labelSelector=${encodeURIComponent(labelsOf(component))}`,
    {
      purpose,
    },
  );
  if (answer.status !== 200) return undefined;
  const list = parsed(answer.body);
  return itemsOf(isRecord(list) ? (list.items as unknown[]) : []).flatMap((item) => serviceOf(item) ?? []);
}

async function serviceAt(client: Client, namespace: string, name: string): Promise<MasterService | undefined> {
  const answer = await client.get(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}`,
    { purpose },
  );
  return answer.status === 200 ? serviceOf(parsed(answer.body)) : undefined;
}

function serviceOf(value: unknown): MasterService | undefined {
  if (!isRecord(value) || !isRecord(value.metadata) || !isRecord(value.spec)) return undefined;
  const { namespace, name } = value.metadata;
  if (!isName(namespace) || !isName(name)) return undefined;
  const [port] = itemsOf(value.spec.ports as unknown[]);
  const number = isRecord(port) && typeof port.port === 'number' ? port.port : 5555;
  const target = isRecord(port) ? port.targetPort : undefined;
  return {
    namespace,
    name,
    port: number,
    targetPort: typeof target === 'string' || typeof target === 'number' ? target : number,
    selector: (isRecord(value.spec.selector) ? value.spec.selector : {}) as MasterService['selector'],
  };
}

/**
 * A ready Pod of the Service and its master's port.
 * @throws Error with the reason if there is none.
 */
export async function doorOf(client: Client, service: MasterService): Promise<Door> {
  const { namespace, name, selector, targetPort } = service;
  const labels = Object.entries(selector).map(([label, value]) => `${label}=${value}`);
  if (labels.length === 0) throw new Error(`the Service ${namespace}/${name} selects no Pods`);
  const query = `labelSelector=${encodeURIComponent(labels.join(','))}&limit=50`;
  const answer = await client.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query}`, { purpose });
  if (answer.status !== 200)
    throw new Error(`this user may not list the Pods of namespace ${namespace} (${answer.status})`);
  const list = parsed(answer.body);
  const pods = itemsOf(isRecord(list) ? (list.items as unknown[]) : []).filter(isRecord);
  const ready = pods.find((pod) => isReady(pod));
  const pod = isRecord(ready?.metadata) ? ready.metadata.name : undefined;
  if (ready === undefined || !isName(pod)) throw new Error(`no Pod behind the Service ${namespace}/${name} is ready`);
  return { namespace, pod, port: portOf(ready, targetPort) ?? service.port, secure: servesHttps(ready) };
}

function isReady({ status, metadata }: { readonly [field: string]: unknown }): boolean {
  if (!isRecord(status) || (isRecord(metadata) && metadata.deletionTimestamp !== undefined)) return false;
  return itemsOf(status.conditions as unknown[]).some(
    (condition) => isRecord(condition) && condition.type === 'Ready' && condition.status === 'True',
  );
}

/** Taken from the probe, for which the kubelet needs the scheme too. */
function servesHttps(pod: { readonly [field: string]: unknown }): boolean {
  const containers = isRecord(pod.spec) ? itemsOf(pod.spec.containers as unknown[]) : [];
  return containers.some((each) => {
    const probe = isRecord(each) ? each.readinessProbe : undefined;
    const httpGet = isRecord(probe) ? probe.httpGet : undefined;
    return isRecord(httpGet) && httpGet.scheme === 'HTTPS';
  });
}

function portOf(pod: { readonly [field: string]: unknown }, target: string | number): number | undefined {
  if (typeof target === 'number') return target;
  const containers = isRecord(pod.spec) ? itemsOf(pod.spec.containers as unknown[]) : [];
  const ports = containers.flatMap((each) => (isRecord(each) ? itemsOf(each.ports as unknown[]) : []));
  const named = ports.find((port) => isRecord(port) && port.name === target);
  return isRecord(named) && typeof named.containerPort === 'number' ? named.containerPort : undefined;
}

/**
 * Whether a cluster-wide binding lets an account of the namespace review tokens: only then are tokens meant to be sent
 * there. The right to create a Service does not suffice for such a binding. Undefined if the user may not check.
 */
export async function isVouchedFor(client: Client, namespace: string): Promise<boolean | undefined> {
  const answer = await client.get('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { purpose });
  if (answer.status !== 200) return undefined;
  const list = parsed(answer.body);
  return itemsOf(isRecord(list) ? (list.items as unknown[]) : []).some(
    (binding) =>
      isRecord(binding) &&
      isRecord(binding.roleRef) &&
      binding.roleRef.name === 'system:auth-delegator' &&
      itemsOf(binding.subjects as unknown[]).some(
        (subject) => isRecord(subject) && subject.kind === 'ServiceAccount' && subject.namespace === namespace,
      ),
  );
}

export const isUsual = ({ namespace, name }: MasterService): boolean =>
  namespace === usualNamespace && Object.values<string>(usualNames).includes(name);

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
