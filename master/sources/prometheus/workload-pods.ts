// Workloads of the graph, and by what names a Prometheus knows the Pods that they had: controllers name them by rules of their own.
// Names: https://kubernetes.io/docs/concepts/workloads/controllers/ and SafeEncodeString of apimachinery. Pure.
import { getOrMake } from '../../../src/get-or-make.ts';
import { parseId } from '../../../src/ids.ts';
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../../graph/contract.ts';
import { asItIs, neighbours } from '../../topology/neighbours.ts';
import { rootOf } from '../../topology/root-of.ts';

export interface WorkloadPods {
  /** Id of the workload. */
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  /** Names of the Pods that it has now, and of their containers. */
  readonly pods: Set<string>;
  readonly containers: Set<string>;
}

/** Letters of generated suffixes: no vowels, so that they make no words. */
const letter = '[bcdfghjklmnpqrstvwxz2456789]';
const suffix = `${letter}{5}`;

/** What follows the workload's name in the names of its Pods. */
const endings: { readonly [type: string]: string } = {
  Deployment: `-${letter}{6,10}-${suffix}`,
  'Rollout.argoproj.io': `-${letter}{6,10}-${suffix}`,
  ReplicaSet: `-${suffix}`,
  ReplicationController: `-${suffix}`,
  DaemonSet: `-${suffix}`,
  StatefulSet: '-[0-9]+',
  Job: `(-[0-9]+)?-${suffix}`,
  CronJob: `-[0-9]{8,10}(-[0-9]+)?-${suffix}`,
};

/** Regular expressions that JavaScript and RE2 read alike, for the Pods that it has and, unless `currentOnly`, had. */
export function podPatterns({ type, name, pods }: WorkloadPods, currentOnly = false): string[] {
  const ending = !currentOnly && Object.hasOwn(endings, type) ? endings[type] : undefined;
  const past = ending === undefined ? undefined : new RegExp(`^${escaped(name)}${ending}$`);
  const others = [...pods].filter((pod) => !past?.test(pod)).toSorted();
  return [...(ending === undefined ? [] : [`${escaped(name)}${ending}`]), ...others.map(escaped)];
}

/** Finds whose a Pod is: that of which it is now; else the only one of the namespace that names its Pods so. */
export function ownerFinder(workloads: readonly WorkloadPods[]): (pod: string) => WorkloadPods | undefined {
  const current = new Map(workloads.flatMap((each) => [...each.pods].map((pod) => [pod, each] as const)));
  const patterns = new Map<WorkloadPods, RegExp>();
  const patternOf = (each: WorkloadPods) =>
    getOrMake(patterns, each, () => new RegExp(`^(?:${podPatterns(each).join('|')})$`));
  return (pod) => {
    const now = current.get(pod);
    if (now) return now;
    // Most names begin otherwise: their patterns are not even made.
    const meant = workloads.filter((each) => pod.startsWith(`${each.name}-`) && patternOf(each).test(pod));
    return meant.length === 1 ? meant[0] : undefined;
  };
}

/** Workloads with Pods, those of one namespace after another. */
export function* workloadsIn(graph: Pick<GraphReader, 'members' | 'namespacesOf'>): Steps<WorkloadPods[]> {
  const found = new Map<string, WorkloadPods>();
  for (const namespace of [...graph.namespacesOf('Pod')].toSorted())
    for (const pod of [...graph.members('Pod', namespace)]) {
      yield;
      if (!pod.present) continue;
      const root = rootOf(pod);
      const { id, type } = root;
      const name = parseId(id).path.split('/').at(-1) ?? '';
      const made = (): WorkloadPods => ({ id, type, namespace, name, pods: new Set(), containers: new Set() });
      const workload = getOrMake(found, id, made);
      workload.pods.add(pod.name);
      for (const { type: held, name: container } of neighbours(asItIs, pod, 'contains', 'out'))
        if (held === 'Container') workload.containers.add(container);
    }
  return [...found.values()];
}

function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
