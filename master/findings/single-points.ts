// What the loss of one Node, claim, ConfigMap or Secret affects.

import { getOrMake } from '../../src/get-or-make.ts';
import { every, type Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, GraphFindingRule } from './finding-rule.ts';
import { isFinished } from './pod-fields.ts';
import { called, first, isOfTemplate, isOptional, listed, readinessOf } from './reading.ts';

const leastHosts = 3;
/** Share and minimum number of Pods: one of three is normal. */
const share = 0.3;
const leastPods = 10;

/** Types that Pods depend on, and whether every Pod behind a Service needs it. */
const ground: ReadonlySet<string> = new Set(['Node', 'PersistentVolumeClaim', 'ConfigMap', 'Secret']);
const everywhere: ReadonlySet<string> = new Set(['kube-root-ca.crt', 'openshift-service-ca.crt']);

export const singlePointOfFailure = {
  name: 'single-point-of-failure',
  group: 'workloads',
  class: 'risk',
  severity: 'medium',
  sentence:
    'Every endpoint of three or more hosts, or 30% of all Pods, depend on one Node, claim, ConfigMap or Secret: they fail with it. Exceptions: the only Node of a cluster, and objects that exist in every Namespace.',
  remedy: 'Spread what depends on it, the largest first.',
  link: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
  reads: ['Pod', 'Service', 'EndpointSlice', 'Node'],
  *over(view) {
    const grounds = yield* groundsOf(view);
    const usersOf = usersIn(grounds);
    const total = grounds.size;
    const hosts = yield* hostsOn(view, grounds);
    const found: Found[] = [];
    for (const [thing, pods] of usersOf) {
      const of = hosts.get(thing) ?? [];
      const isWide = pods.length >= leastPods && pods.length >= total * share && thing.type !== 'Node';
      if (of.length < leastHosts && !isWide) continue;
      found.push({
        on: thing,
        field: 'metadata.name',
        path: pods.slice(0, 4).flatMap((pod) => groundEdge(pod, thing, view) ?? []),
        affected: [...of, ...(isWide ? pods : [])],
        sentence: `If ${called(thing)} fails, so do ${of.length >= leastHosts ? `${of.length} hosts (${listed(of.map(({ name }) => name))})` : `${pods.length} of ${total} Pods`}`,
      });
      yield;
    }
    return found;
  },
} as const satisfies GraphFindingRule;

/** By unfinished Pod: what it depends on. Relations are made only of what is found: there are several for each Pod. */
type Grounds = ReadonlyMap<Vertex, readonly Vertex[]>;

function* groundsOf(view: FindingView): Steps<Grounds> {
  const grounds = new Map<Vertex, readonly Vertex[]>();
  const pause = every(64);
  const nodes = [...view.members('Node', '')].length;
  for (const pod of view.members('Pod')) {
    if (pause()) yield;
    if (!isFinished(pod)) grounds.set(pod, groundOf(pod, view, nodes));
  }
  return grounds;
}

/** By resource: the Pods that depend on it. */
function usersIn(grounds: Grounds): Map<Vertex, Vertex[]> {
  const on = new Map<Vertex, Vertex[]>();
  for (const [pod, things] of grounds) for (const thing of things) getOrMake(on, thing, () => []).push(pod);
  return on;
}

function groundOf(pod: Vertex, view: FindingView, nodes: number): readonly Vertex[] {
  const found = new Set<Vertex>();
  const note = (source: Vertex) => found.add(source) === undefined;
  if (nodes > 1) view.anySource(pod, note, 'runs');
  if (view.anyTarget(pod, isGround, 'uses', 'mounts'))
    for (const edge of groundEdges(pod, view)) found.add(edge.target);
  return [...found];
}

function groundEdges(pod: Vertex, view: FindingView): readonly Edge[] {
  return view.out(pod, 'uses', 'mounts').filter((edge) => isGround(edge.target) && !isOptional(edge, view));
}

function isGround({ type, present, name }: Vertex): boolean {
  return present && ground.has(type) && !everywhere.has(name);
}

/** The relation by which the Pod depends on it. */
function groundEdge(pod: Vertex, thing: Vertex, view: FindingView): Edge | undefined {
  if (thing.type === 'Node') return view.into(pod, 'runs').find(({ source }) => source === thing);
  return groundEdges(pod, view).find(({ target }) => target === thing);
}

/** By resource: hosts whose ready endpoints all depend on it. */
function* hostsOn(view: FindingView, grounds: Grounds): Steps<Map<Vertex, Vertex[]>> {
  const on = new Map<Vertex, Vertex[]>();
  for (const service of view.members('Service')) {
    const hosts = new Set(
      [...view.into(service, 'routesTo')].flatMap(({ source }) =>
        [...view.out(source, 'serves')].map(({ target }) => target),
      ),
    );
    if (hosts.size === 0) continue;
    const pods = [...view.out(service, 'loadBalances')].filter(
      (edge) => edge.target.type === 'Pod' && !isOfTemplate(edge, view) && readinessOf(edge) !== false,
    );
    if (pods.length < 1 || !first(pods)) continue;
    const common = commonGround(
      pods.map(({ target }) => target),
      grounds,
    );
    for (const thing of common)
      for (const host of hosts) if (!on.get(thing)?.includes(host)) getOrMake(on, thing, () => []).push(host);
    yield;
  }
  return on;
}

function commonGround(pods: readonly Vertex[], grounds: Grounds): ReadonlySet<Vertex> {
  let common: Set<Vertex> | undefined;
  for (const pod of pods) {
    const own = new Set(grounds.get(pod));
    common = common ? new Set([...common].filter((each) => own.has(each))) : own;
    if (common.size === 0) break;
  }
  return common ?? new Set();
}
