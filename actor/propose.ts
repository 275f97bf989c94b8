// All checks of an action, cheapest first, and last the API server's dry run.
import { isRecord } from '../src/fields.ts';
import type { KubernetesObject } from '../src/model.ts';
import type { Action, Values } from './action.ts';
import { type Cluster, ClusterFailure, type Place } from './cluster.ts';
import { differenceOf, type FieldChange } from './difference.ts';
import { typeOf } from './kinds/index.ts';
import type { ActionType, Patch } from './kinds/kind.ts';
import { controllerOf, managementOf } from './managed.ts';
import { checkAction, checkChanges, type Policy } from './policy.ts';
import { Refusal } from './refusal.ts';
import { checkRollsOut } from './rollout.ts';

export interface Shown {
  readonly original: Values;
  /** In the API server's format. */
  readonly applied: Values;
  readonly difference: readonly FieldChange[];
}

export interface LookOptions {
  readonly cluster: Cluster;
  readonly policy: Policy;
  /** Placeholder for the time of approval. */
  readonly at: string;
}

/**
 * The effect of the action now, without changing anything.
 * @throws Refusal with an objection; ClusterFailure if it cannot be determined now.
 */
export async function look(action: Action, { cluster, policy, at }: LookOptions): Promise<Shown> {
  const type = typeOf(action.action);
  checkTarget(type, action);
  type.check(action);
  checkAction(policy, action);
  const object = await readTarget(cluster, action, 'look at a target');
  checkOwner(object, policy);
  if (type.subresource === undefined) checkRollsOut(object);
  const original = type.current(object, action);
  const unexpected = type.unexpected(original, action);
  if (unexpected !== undefined) throw new Refusal('changed', `${nameOf(action.target)}: ${unexpected}`);
  const intended = type.intended(original, action, at);
  if (type.isSame(original, intended)) throw new Refusal('nothing-to-do', `${nameOf(action.target)} has it already`);
  checkChanges(policy, type.changes(original, action));
  await checkAutoscalers(cluster, action);
  if (type.subresource === 'resize' && !(await cluster.serves('/api/v1', 'pods/resize')))
    throw new Refusal('unsupported', 'this API server cannot resize Pods in place: it does not have pods/resize');
  const patch = guarded(type.patch(original, intended, object, action), object);
  const answer = await dryRun(cluster, action, type, patch);
  const applied = type.current(answer, action);
  if (!type.isSame(applied, intended))
    throw new Refusal('server', 'the API server would make something else of it: an admission webhook changes it');
  return { original, applied, difference: shown(type, object, answer) };
}

function checkTarget({ action, targets }: ActionType, { target: { kind } }: Action): void {
  if (targets.includes(kind)) return;
  const isOfJobs = kind === 'CronJob' || kind === 'Job';
  const why = isOfJobs ? ': it has no rollout that could be watched, change it where it is defined' : '';
  throw new Refusal('kind', `${action} can be done to ${targets.join(', ')}, not to a ${kind}${why}`);
}

/**
 * The intended object and no other of its name.
 * @throws Refusal `gone`, `another-uid`, `forbidden`; ClusterFailure.
 */
export async function readTarget(
  cluster: Cluster,
  { target }: Pick<Action, 'target'>,
  purpose: string,
): Promise<KubernetesObject> {
  const read = await cluster.read(target, purpose).catch((error: unknown) => {
    throw refused(error, target);
  });
  // The API server omits the kind for a single object, but later code needs it.
  const object = { ...read, kind: target.kind };
  if (object.metadata.uid !== target.uid)
    throw new Refusal('another-uid', `${nameOf(target)} is another object now: its UID is ${object.metadata.uid}`);
  if (object.metadata['deletionTimestamp'] !== undefined)
    throw new Refusal('gone', `${nameOf(target)} is being deleted`);
  return object;
}

/** Converts definite rejections by the API server; returns other errors unchanged. */
export function refused(error: unknown, target: Place): unknown {
  if (!(error instanceof ClusterFailure) || error.isPassing || error.status === 409) return error;
  if (error.status === 404) return new Refusal('gone', `there is no ${nameOf(target)}`);
  if (error.status === 401 || error.status === 403)
    return new Refusal('forbidden', `the actor may not: ${error.message}`);
  return new Refusal('server', `the API server refuses it: ${error.message}`);
}

function checkOwner(object: KubernetesObject, { managed }: Policy): void {
  const management = managementOf(object);
  if (management && managed.includes(management.by))
    throw new Refusal('managed', `it would be undone: change it in ${management.place}`);
  const owner = object.kind === 'Pod' ? undefined : controllerOf(object);
  if (owner !== undefined) throw new Refusal('owned', `it would be undone: change its owner ${owner}`);
}

const autoscalers = {
  scale: { root: '/apis/autoscaling/v2', plural: 'horizontalpodautoscalers', word: 'HorizontalPodAutoscaler' },
  'set-resources': {
    root: '/apis/autoscaling.k8s.io/v1',
    plural: 'verticalpodautoscalers',
    word: 'VerticalPodAutoscaler',
  },
} as const;

/** @throws Refusal `autoscaled` if an autoscaler controls the same values. */
async function checkAutoscalers(cluster: Cluster, { action, target }: Action): Promise<void> {
  if (action !== 'scale' && action !== 'set-resources') return;
  const { root, plural, word } = autoscalers[action];
  const found = await cluster.list(root, target.namespace, plural, 'look for autoscalers').catch((error: unknown) => {
    throw refused(error, target);
  });
  const own = found.find((each) => isOver(each, target));
  if (own) throw new Refusal('autoscaled', `the ${word} ${own.metadata.name} decides over it: change that`);
}

function isOver(autoscaler: KubernetesObject, { kind, name }: Place): boolean {
  const spec = isRecord(autoscaler['spec']) ? autoscaler['spec'] : {};
  const reference = spec['scaleTargetRef'] ?? spec['targetRef'];
  const update = isRecord(spec['updatePolicy']) ? spec['updatePolicy']['updateMode'] : undefined;
  return isRecord(reference) && reference['kind'] === kind && reference['name'] === name && update !== 'Off';
}

/** A patch of exactly this version of the object: any change in between is a conflict. */
export function guarded(patch: Patch, { metadata: { uid, resourceVersion } }: KubernetesObject): Patch {
  return { metadata: { uid, resourceVersion }, ...patch };
}

async function dryRun(cluster: Cluster, { target }: Action, type: ActionType, patch: Patch): Promise<KubernetesObject> {
  const options = { subresource: type.subresource, dryRun: true, purpose: 'show an action' };
  const answer = await cluster.patch(target, patch, options).catch((error: unknown) => {
    throw refused(error, target);
  });
  return { ...answer, kind: type.subresource === 'scale' ? 'Scale' : target.kind };
}

function shown({ subresource }: ActionType, before: KubernetesObject, after: KubernetesObject): readonly FieldChange[] {
  // What is a secret depends on the kind.
  const same = { kind: before.kind ?? '', apiVersion: before.apiVersion ?? '' };
  if (subresource !== 'scale') return differenceOf({ ...before, ...same }, { ...after, ...same });
  const scaled = (object: KubernetesObject) => ({ ...before, spec: { replicas: replicasOf(object) } });
  return differenceOf(scaled(before), scaled(after));
}

function replicasOf(object: KubernetesObject): unknown {
  return isRecord(object['spec']) ? object['spec']['replicas'] : undefined;
}

export function nameOf({ kind, namespace, name }: Place): string {
  return `${kind} ${namespace}/${name}`;
}
