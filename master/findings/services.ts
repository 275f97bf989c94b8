// Services that lead to nothing: by selector, by endpoints, by ports.
import { isFilled } from '../../src/fields.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import { containersOf, podFieldsOf, wantedOf } from './pod-fields.ts';
import {
  called,
  conditionsOf,
  countAt,
  counted,
  type Fields,
  fieldsAt,
  first,
  isOfTemplate,
  listed,
  metadataOf,
  minute,
  readinessOf,
  recordsOf,
  second,
  some,
  specOf,
  statusOf,
  textAt,
} from './reading.ts';
import { isAllTcp, protocolOf } from './routed.ts';
import { runTimeLabelsOf } from './run-time-labels.ts';

/** Labels that controllers add to Pods and templates lack. */
const ofSinglePods: ReadonlySet<string> = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
]);

export const serviceSelectsNothing = {
  name: 'service-selects-nothing',
  group: 'traffic',
  class: 'broken',
  severity: 'high',
  tier: 'services',
  sentence:
    'The selector of a Service matches no Pod and no Pod template in its Namespace. A risk of low severity if a template lacks only labels that a program may set on its Pods, such as who leads. Exceptions: Services without a selector, of type ExternalName, or with an owner.',
  remedy: 'Give the Service the labels of its Pods.',
  link: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/',
  types: ['Service'],
  reads: ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'],
  of(service, view) {
    if (first(view.out(service, 'loadBalances'))) return undefined;
    const spec = specOf(service, view);
    const { selector } = spec;
    if (!isFilled(selector) || spec['type'] === 'ExternalName' || first(view.into(service, 'owns'))) return undefined;
    if (Object.keys(selector).some((label) => ofSinglePods.has(label))) return undefined;
    const path = [...view.into(service, 'routesTo')].slice(0, 4);
    return {
      on: service,
      field: 'spec.selector',
      path,
      affected: path.map(({ source }) => source),
      since: metadataOf(service, view)['creationTimestamp'],
      ...toldOfSelector(service, selector, view),
    };
  },
} as const satisfies ResourceFindingRule;

/** Nothing may be wrong where a program labels its Pods itself. */
function toldOfSelector(service: Vertex, selector: Fields, view: FindingView) {
  const set = runTimeLabelsOf(selector, service.namespace, view);
  const labels = Object.entries(selector).filter(([name]) => !set || set.names.includes(name));
  const selects = `${called(service)} selects ${listed(labels.map(([name, value]) => `${name}=${String(value)}`))}`;
  if (!set)
    return {
      sentence: `${selects}: no Pod and no template of Pods in ${service.namespace} has these labels`,
    };
  const why = set.seen ? 'which no Pod has now' : 'which no template has: it leads to Pods only once a program sets it';
  return { class: 'risk', severity: 'low', possibly: true, sentence: `${selects}, ${why}` } as const;
}

export const serviceScaledToZero = {
  name: 'service-scaled-to-zero',
  group: 'traffic',
  class: 'risk',
  severity: 'info',
  tier: 'services',
  sentence:
    'A Service leads only to a workload with 0 replicas. Broken if a route leads to the Service. Exception: workloads that KEDA or Knative scales.',
  remedy: 'Scale the workload up, or remove the Service and its routes.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/',
  types: ['Service'],
  reads: ['Pod'],
  of(service, view) {
    const templates: Edge[] = [];
    for (const edge of view.out(service, 'loadBalances')) {
      if (!isOfTemplate(edge, view)) return undefined;
      // An old ReplicaSet's template equals its Deployment's.
      if (edge.target.present && !edge.target.controlled) templates.push(edge);
    }
    const [one] = templates;
    if (!one || !templates.every(({ target }) => wantedOf(target, view) === 0 && !isScaledByEvents(target, view)))
      return undefined;
    const routed = some(view.into(service, 'routesTo'), () => true);
    return {
      on: service,
      field: 'spec.selector',
      path: templates,
      class: routed ? 'broken' : 'risk',
      severity: routed ? 'medium' : 'info',
      sentence: `${called(service)} leads to ${listed(templates.map(({ target }) => called(target)))}, scaled to 0${routed ? ', though traffic is routed to it' : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;

function isScaledByEvents(workload: Vertex, view: FindingView): boolean {
  for (const { source } of view.into(workload, 'scales', 'owns'))
    if (source.type !== 'HorizontalPodAutoscaler') return true;
  return false;
}

export const serviceNoReadyEndpoint = {
  name: 'service-no-ready-endpoint',
  group: 'traffic',
  class: 'broken',
  severity: 'high',
  tier: 'services',
  sentence:
    "A Service has Pods, and for two minutes none of them has been ready. Critical if traffic is routed to it. Exceptions: Services that publish not-ready addresses, and Pods within their probes' startup time.",
  remedy: 'Look at the Pods on the path: each says why it is not ready.',
  link: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/#does-the-service-have-any-endpointslices',
  types: ['Service'],
  reads: ['Pod', 'EndpointSlice'],
  of(service, view) {
    const waiting: Edge[] = [];
    for (const edge of view.out(service, 'loadBalances')) {
      if (isOfTemplate(edge, view)) continue;
      if (readinessOf(edge) !== false || edge.target.type !== 'Pod') return undefined;
      waiting.push(edge);
    }
    const since = waiting.length > 0 ? lastLost(waiting, view) : undefined;
    if (since === undefined || !view.isPast(since, 2 * minute)) return undefined;
    if (specOf(service, view)['publishNotReadyAddresses'] === true) return undefined;
    const routes = [...view.into(service, 'routesTo')];
    return {
      on: service,
      path: waiting.slice(0, 8),
      severity: routes.length > 0 ? 'critical' : 'high',
      sentence: `${called(service)} has no ready endpoint: ${counted(waiting.length, 'Pod')} behind it, none ready (${listed(waiting.map(({ target }) => target.name))})`,
      affected: routes.map(({ source }) => source),
      since,
    };
  },
} as const satisfies ResourceFindingRule;

/** When the last one became unready or exceeded its startup time; undefined if unknown for one. */
function lastLost(edges: readonly Edge[], view: FindingView): string | undefined {
  let last = '';
  for (const { target } of edges.slice(0, 50)) {
    const ready = conditionsOf(target, view).get('Ready');
    if (!ready || ready.status === 'True' || !ready.since) return undefined;
    const started = Date.parse(ready.since) + startupBudgetOf(target, view);
    const at = Number.isNaN(started) ? '' : new Date(started).toISOString();
    if (at > last) last = at;
  }
  return last || undefined;
}

/** Milliseconds that its probes allow from its start, if not started yet. */
function startupBudgetOf(pod: Vertex, view: FindingView): number {
  const fields = podFieldsOf(pod, view);
  const started = recordsOf(statusOf(pod, view)['containerStatuses']).every(({ item }) => item['started'] !== false);
  if (!fields || started) return 0;
  return Math.max(
    0,
    ...containersOf(fields).map((container) => {
      const probe = fieldsAt(container.fields, 'startupProbe');
      if (Object.keys(probe).length === 0) return 0;
      const tries = countAt(probe, 'failureThreshold', 3) * countAt(probe, 'periodSeconds', 10);
      return (countAt(probe, 'initialDelaySeconds') + tries) * second;
    }),
  );
}

export const servicePortNameUnknown = {
  name: 'service-port-name-unknown',
  group: 'traffic',
  class: 'broken',
  severity: 'high',
  tier: 'services',
  sentence:
    'The targetPort of a Service is a name that no container of its Pods gives to a port of its protocol. Medium severity if only some Pods have it. Exception: port numbers, which work undeclared.',
  remedy: 'Give the container port that name, or use its number.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  types: ['Service'],
  reads: [],
  of(service, view) {
    const names = view.plainStringsIn(service, 'targetPort');
    if (names?.length === 0) return undefined;
    const asked = fewTargetsOf(service, view);
    // As the API server writes it: most need not be read.
    const isClear =
      isAllTcp(service, view) &&
      names?.every((name) => asked.every(({ target }) => clearlyDeclares(target, name, view)));
    if (isClear) return undefined;
    const ports = recordsOf(specOf(service, view)['ports']).filter(({ item }) => textAt(item, 'targetPort') !== '');
    return ports.flatMap(({ at, item }) => unknownPort(service, asked, item, at, view) ?? []);
  },
} as const satisfies ResourceFindingRule;

/** A template stands for its Pods; of bare Pods only a few are examined. */
function fewTargetsOf(service: Vertex, view: FindingView): readonly Edge[] {
  const targets = view.out(service, 'loadBalances').filter(({ target }) => target.present);
  const templates = targets.filter(({ target }) => target.type !== 'Pod' && !target.controlled);
  return templates.length > 0
    ? templates.slice(0, 4)
    : targets.filter(({ target }) => target.type === 'Pod').slice(0, 5);
}

function clearlyDeclares(target: Vertex, name: string, view: FindingView): boolean {
  return (
    /^[a-z0-9-]+$/.test(name) && view.mentions(target, `{"name":"${name}","containerPort":`) && isAllTcp(target, view)
  );
}

function unknownPort(
  service: Vertex,
  targets: readonly Edge[],
  port: Fields,
  at: number,
  view: FindingView,
): Found | undefined {
  const name = textAt(port, 'targetPort');
  const protocol = protocolOf(port);
  const lacking = targets.filter(({ target }) => declaresPort(target, { name, protocol }, view) === false);
  if (lacking.length === 0 || /^\d+$/.test(name)) return undefined;
  const all = lacking.length === targets.length;
  const hasAnother = lacking.some(({ target }) => declaresPort(target, { name }, view));
  return {
    on: service,
    key: name,
    field: `spec.ports[${at}].targetPort`,
    path: lacking.slice(0, 4),
    severity: all ? 'high' : 'medium',
    sentence: `${called(service)} sends to the ${hasAnother ? `${protocol} ` : ''}port named ${JSON.stringify(name)}, which ${all ? 'no container behind it has' : `${counted(lacking.length, 'Pod')} of ${targets.length} behind it ${lacking.length === 1 ? 'lacks' : 'lack'}`}`,
  };
}

/** Undefined without readable containers. */
function declaresPort(
  target: Vertex,
  { name, protocol }: { readonly name: string; readonly protocol?: string },
  view: FindingView,
): boolean | undefined {
  if (protocol === 'TCP' && clearlyDeclares(target, name, view)) return true;
  const fields = podFieldsOf(target, view);
  const containers = fields ? containersOf(fields) : [];
  if (containers.length === 0) return undefined;
  return containers.some(({ fields: container }) =>
    recordsOf(container['ports']).some(
      ({ item }) => textAt(item, 'name') === name && (protocol === undefined || protocolOf(item) === protocol),
    ),
  );
}

export const externalNameNowhere = {
  name: 'external-name-nowhere',
  group: 'traffic',
  class: 'broken',
  severity: 'medium',
  tier: 'services',
  sentence:
    'A Service of type ExternalName names a Service in this cluster that does not exist. External names are not resolved.',
  remedy: 'Correct spec.externalName, or create the Service it names.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#externalname',
  types: ['Service'],
  reads: [],
  of(service, view) {
    for (const edge of view.out(service, 'resolvesTo')) {
      if (edge.target.type !== 'Service' || !view.isMissing(edge.target)) continue;
      return {
        on: service,
        key: edge.target.id,
        path: [edge],
        sentence: `${called(service)} is an alias of ${called(edge.target)}, which does not exist`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

export const loadBalancerPending = {
  name: 'load-balancer-pending',
  group: 'traffic',
  class: 'broken',
  severity: 'medium',
  tier: 'services',
  sentence: 'A Service of type LoadBalancer has had no address for ten minutes.',
  remedy: 'Check the events of the load balancer controller. If the cluster has none, use another type.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer',
  types: ['Service'],
  reads: [],
  of(service, view) {
    if (!view.mentions(service, '"LoadBalancer"')) return undefined;
    const spec = specOf(service, view);
    if (spec['type'] !== 'LoadBalancer') return undefined;
    const status = statusOf(service, view);
    const created = metadataOf(service, view)['creationTimestamp'];
    const has = recordsOf(fieldsAt(status, 'loadBalancer')['ingress']).length > 0;
    if (has || !view.isPast(created, 10 * minute)) return undefined;
    const by = textAt(spec, 'loadBalancerClass');
    return {
      on: service,
      field: 'status.loadBalancer.ingress',
      since: created,
      sentence: `${called(service)} has no address: ${by ? `no controller of the class ${by}` : 'no load balancer controller'} has given it one`,
    };
  },
} as const satisfies ResourceFindingRule;

/** Readiness changes of an endpoint that count as flapping, and their period in milliseconds. */
const flaps = { count: 6, within: 15 * minute } as const;

interface Flapping {
  /** Pods that were unready at the last check. */
  readonly down: Set<string>;
  readonly changes: Map<string, number[]>;
}

interface Seen {
  /** Undefined for most: all Pods are ready and have long been. */
  flapping: Flapping | undefined;
}

export const endpointFlapping = {
  name: 'endpoint-flapping',
  group: 'traffic',
  class: 'broken',
  severity: 'medium',
  tier: 'services',
  remembers: true,
  sentence:
    'An endpoint of a Service changed between ready and not ready six times within 15 minutes without a rollout. Counted since the program started.',
  remedy: "Compare the readiness probe's timeout and threshold with the response time.",
  link: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
  types: ['Service'],
  reads: ['EndpointSlice'],
  of(service, view) {
    const endpoints = view.out(service, 'loadBalances');
    if (!view.remembered<Seen>()?.flapping && !endpoints.some(isDown)) {
      view.memory<Seen>(() => ({ flapping: undefined }));
      return undefined;
    }
    const down = new Map<string, Edge>();
    const up = new Map<string, Edge>();
    for (const edge of endpoints) {
      const ready = readinessOf(edge);
      if (ready !== undefined && edge.target.type === 'Pod') (ready ? up : down).set(edge.target.id, edge);
    }
    const seen = view.memory<Seen>(() => ({ flapping: { down: new Set(down.keys()), changes: new Map() } }));
    const flapping = seen.flapping ?? { down: new Set(), changes: new Map() };
    noteFlaps(flapping, down, up, view.now);
    const isCalm = flapping.down.size + flapping.changes.size === 0;
    seen.flapping = isCalm ? undefined : flapping;
    for (const [id, times] of flapping.changes) {
      const edge = down.get(id) ?? up.get(id);
      if (!edge || times.length < flaps.count) continue;
      view.isPast(new Date(times[0] ?? 0).toISOString(), flaps.within);
      return {
        on: service,
        key: 'flapping',
        path: [edge],
        affected: [edge.target],
        sentence: `${called(edge.target)} behind ${called(service)} became ready or not ready ${times.length} times within 15 minutes`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

function isDown(edge: Edge): boolean {
  return edge.target.type === 'Pod' && readinessOf(edge) === false;
}

function noteFlaps(
  { down, changes }: Flapping,
  nowDown: ReadonlyMap<string, Edge>,
  nowUp: ReadonlyMap<string, Edge>,
  now: number,
): void {
  const changed = [...nowDown.keys()].filter((id) => !down.has(id));
  changed.push(...[...down].filter((id) => nowUp.has(id)));
  for (const id of changed) changes.set(id, [...(changes.get(id) ?? []), now]);
  for (const id of nowDown.keys()) down.add(id);
  for (const id of [...down]) if (!nowDown.has(id)) down.delete(id);
  for (const [id, times] of changes) {
    const recent = times.filter((at) => at > now - flaps.within);
    if (recent.length > 0 && (nowDown.has(id) || nowUp.has(id))) changes.set(id, recent);
    else changes.delete(id);
  }
}
