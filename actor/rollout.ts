// Whether a change is rolled out, by the rules of `kubectl rollout status`, not by Pod phases. Pure.
import { isRecord, itemsOf } from '../src/fields.ts';
import type { KubernetesObject } from '../src/model.ts';
import { Refusal } from './refusal.ts';
import { isSameResources, type Resources } from './resources.ts';

/** In progress, with what it waits for; done; or failed for good. */
export type Progress =
  | { readonly state: 'waiting'; readonly for: string }
  | { readonly state: 'up' }
  | { readonly state: 'failed'; readonly why: string };

interface Numbers {
  readonly [field: string]: unknown;
}

const up: Progress = { state: 'up' };
const waiting = (what: string): Progress => ({ state: 'waiting', for: what });

const rules: { readonly [kind: string]: (spec: Numbers, status: Numbers) => Progress } = {
  Deployment(spec, status) {
    const stuck = conditionOf(status, 'Progressing');
    if (stuck?.['reason'] === 'ProgressDeadlineExceeded')
      return { state: 'failed', why: 'it exceeded its progress deadline' };
    const wanted = numberOf(spec, 'replicas', 1);
    const [updated, all, available] = ['updatedReplicas', 'replicas', 'availableReplicas'].map((name) =>
      numberOf(status, name),
    );
    if (updated !== wanted) return waiting(`${updated} of ${wanted} replicas are updated`);
    if (all !== updated) return waiting(`${Number(all) - Number(updated)} old replicas are still there`);
    return available === wanted ? up : waiting(`${available} of ${wanted} replicas are available`);
  },
  StatefulSet(spec, status) {
    const wanted = numberOf(spec, 'replicas', 1);
    const [all, ready, available] = ['replicas', 'readyReplicas', 'availableReplicas'].map((name) =>
      numberOf(status, name),
    );
    if (all !== wanted) return waiting(`${all} of ${wanted} replicas are there`);
    const [current, update] = [status['currentRevision'], status['updateRevision']];
    if (wanted > 0 && update !== current)
      return waiting(`${numberOf(status, 'updatedReplicas')} of ${wanted} replicas are updated`);
    if (ready !== wanted) return waiting(`${ready} of ${wanted} replicas are ready`);
    return available === wanted ? up : waiting(`${available} of ${wanted} replicas are available`);
  },
  DaemonSet(_spec, status) {
    const wanted = numberOf(status, 'desiredNumberScheduled');
    const [updated, available] = ['updatedNumberScheduled', 'numberAvailable'].map((name) => numberOf(status, name));
    if (updated !== wanted) return waiting(`${updated} of ${wanted} Pods are updated`);
    return available === wanted ? up : waiting(`${available} of ${wanted} Pods are available`);
  },
};

/** For a workload whose controller must have observed generation `atLeast`. */
export function progressOf(object: KubernetesObject, atLeast: number): Progress {
  const rule = rules[String(object.kind)];
  if (rule === undefined) throw new Error(`nothing is known of rollouts of a ${String(object.kind)}`);
  const status = fieldsIn(object['status']);
  const observed = numberOf(status, 'observedGeneration');
  const generation = Math.max(atLeast, numberOf(object.metadata as unknown as Numbers, 'generation'));
  if (observed < generation) return waiting(`its controller has not seen generation ${generation}`);
  return rule(fieldsIn(object['spec']), status);
}

/**
 * For a Pod with a container resized in place:
 * https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
 */
export function resizeProgress(pod: KubernetesObject, container: string, wanted: Resources | undefined): Progress {
  const status = fieldsIn(pod['status']);
  const pending = conditionOf(status, 'PodResizePending');
  if (pending?.['reason'] === 'Infeasible')
    return { state: 'failed', why: `it cannot be resized on its node: ${String(pending['message'] ?? 'infeasible')}` };
  if (pending !== undefined) return waiting(`the resize is ${String(pending['reason'] ?? 'pending').toLowerCase()}`);
  const inProgress = conditionOf(status, 'PodResizeInProgress');
  if (inProgress?.['reason'] === 'Error')
    return { state: 'failed', why: String(inProgress['message'] ?? 'the resize failed') };
  if (inProgress !== undefined) return waiting('the resize is in progress');
  const statuses = ['containerStatuses', 'initContainerStatuses'].flatMap((list) => itemsOf(status[list] as unknown[]));
  const own = statuses.find((each) => isRecord(each) && each['name'] === container);
  const now = isRecord(own) && isRecord(own['resources']) ? (own['resources'] as Resources) : undefined;
  return isSameResources(now, wanted) ? up : waiting('the container does not have its new resources yet');
}

/**
 * Objections to a rollout that could not be watched to its end.
 * @throws Refusal.
 */
export function checkRollsOut(object: KubernetesObject): void {
  const spec = fieldsIn(object['spec']);
  if (spec['paused'] === true) throw new Refusal('paused', 'it is paused: nothing would come of it');
  const strategy = fieldsIn(spec['updateStrategy']);
  const { type = 'RollingUpdate' } = strategy;
  if (object.kind !== 'Deployment' && type !== 'RollingUpdate')
    throw new Refusal('strategy', `its update strategy is ${String(type)}: Pods would not be replaced`);
  const partition = numberOf(fieldsIn(strategy['rollingUpdate']), 'partition');
  if (partition > 0) throw new Refusal('strategy', `its partition is ${partition}: not all Pods would be replaced`);
  const [generation, observed] = [
    numberOf(object.metadata as unknown as Numbers, 'generation'),
    numberOf(fieldsIn(object['status']), 'observedGeneration'),
  ];
  if (observed < generation) throw new Refusal('busy', 'its controller has not seen its last change yet');
}

function conditionOf(status: Numbers, type: string): Numbers | undefined {
  const found = itemsOf(status['conditions'] as unknown[]).find((each) => isRecord(each) && each['type'] === type);
  return isRecord(found) && (type === 'Progressing' || found['status'] !== 'False') ? found : undefined;
}

function numberOf(fields: Numbers, name: string, absent = 0): number {
  const value = fields[name];
  return typeof value === 'number' ? value : absent;
}

function fieldsIn(value: unknown): Numbers {
  return isRecord(value) ? value : {};
}
