// Removes secret values from an API object before it is stored, and keeps the names. It works in place on a fresh parse
// with no other users, and visits existing fields only, because it runs on every object.

import { type Fields, fieldsOf, listOf } from '../fields.ts';
import type { KubernetesObject } from '../model.ts';
import { podSpecOf, podSpecTypes } from '../pod-spec.ts';
import { redactArguments, redactText } from './command.ts';
import { redacted } from './text.ts';
import { redactAnnotations, redactEnv, redactField, redactTree } from './tree.ts';

/** Built-in kinds without secrets or command lines in spec and status: most of a cluster. */
const plainKinds = new Set([
  'Node',
  'Namespace',
  'Service',
  'Endpoints',
  'EndpointSlice',
  'ConfigMap',
  'ServiceAccount',
  'PersistentVolumeClaim',
  'Ingress',
  'NetworkPolicy',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
  'PriorityClass',
  'RuntimeClass',
  'ResourceQuota',
  'LimitRange',
  'Lease',
  'CSINode',
  'CSIDriver',
  'CustomResourceDefinition',
  'APIService',
]);
const podKinds = new Set<string>(podSpecTypes);
const builtIn = /^(?:v1|(?:apps|batch|policy|autoscaling|(?:[a-z]+\.)+k8s\.io)\/\w+)$/;
/** Lists of names of Secrets; only the group distinguishes them from lists of secrets. */
const namedSecrets = 'monitoring.coreos.com/';

/** Redacts one API object: annotations, and the places where its kind may contain secrets. Unknown kinds are walked completely. */
export function redactObject(object: KubernetesObject): void {
  const { kind = '', apiVersion = '' } = object;
  redactAnnotations(object.metadata?.annotations);
  if (kind === 'Secret') return redactSecret(object as Fields);
  if (builtIn.test(apiVersion)) {
    if (plainKinds.has(kind)) return redactPlainObject(object);
    if (podKinds.has(kind)) return redactPodObject(object);
  }
  const secrets = apiVersion.startsWith(namedSecrets) ? namesOf(fieldsOf(object.spec)) : undefined;
  for (const key in object) {
    if (key !== 'metadata' && key !== 'kind' && key !== 'apiVersion') redactField(object as Fields, key);
  }
  if (secrets !== undefined) (object.spec as Fields).secrets = secrets;
}

function redactSecret(object: Fields): void {
  for (const key in object) {
    if (key === 'data' || key === 'stringData' || key === 'binaryData') delete object[key];
    else if (key !== 'metadata' && key !== 'kind' && key !== 'apiVersion') redactField(object, key);
  }
}

function redactPlainObject(object: KubernetesObject): void {
  redactOthers(object as Fields);
  redactStatus(fieldsOf(object.status));
}

/** Top-level fields of plain kinds and of kinds with a Pod. API servers send no others. */
const known = new Set(
  'apiVersion kind metadata spec status data binaryData immutable rules roleRef subjects aggregationRule endpoints ports addressType subsets secrets imagePullSecrets automountServiceAccountToken value globalDefault preemptionPolicy handler overhead scheduling template'.split(
    ' ',
  ),
);

function redactOthers(object: Fields): void {
  for (const key in object) if (!known.has(key)) redactField(object, key);
}

const objectName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

function namesOf(spec: Fields | undefined): unknown[] | undefined {
  const names = listOf(spec?.secrets);
  const named = names.length > 0 && names.every((name) => typeof name === 'string' && objectName.test(name));
  return named ? [...names] : undefined;
}

function redactPodObject(object: KubernetesObject): void {
  const found = podSpecOf(object);
  if (found) redactPodSpec(found.spec);
  if (found?.template) redactTemplate(object as Fields);
  const status = fieldsOf(object.status);
  redactOthers(object as Fields);
  redactStatus(status);
  if (!found?.template) redactPodStatus(status);
}

/** Every metadata between the object and its Pod spec: of the template, of a CronJob's Job template, of claims. */
function redactTemplate(object: Fields): void {
  let at: Fields | undefined = object.template === undefined ? fieldsOf(object.spec) : object;
  for (const claim of listOf(at?.volumeClaimTemplates)) redactMetadata(claim);
  while (at) {
    const template: Fields | undefined = fieldsOf(at.jobTemplate) ?? fieldsOf(at.template);
    redactMetadata(template);
    at = fieldsOf(template?.spec);
  }
}

function redactMetadata(value: unknown): void {
  redactAnnotations(fieldsOf(fieldsOf(value)?.metadata)?.annotations);
}

const containerLists = ['containers', 'initContainers', 'ephemeralContainers'] as const;
const handlers = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const hooks = ['postStart', 'preStop'] as const;

export function redactPodSpec(spec: unknown): void {
  const fields = fieldsOf(spec);
  if (!fields) return;
  for (const list of containerLists) {
    for (const container of listOf(fields[list])) redactContainer(fieldsOf(container));
  }
  for (const volume of listOf(fields.volumes)) redactVolume(fieldsOf(volume));
}

function redactContainer(container: Fields | undefined): void {
  if (!container) return;
  redactEnv(container.env);
  if (container.command !== undefined || container.args !== undefined)
    redactArguments(container.command, container.args);
  for (const handler of handlers) redactHandler(fieldsOf(container[handler]));
  const lifecycle = fieldsOf(container.lifecycle);
  if (lifecycle) for (const hook of hooks) redactHandler(fieldsOf(lifecycle[hook]));
}

function redactHandler(handler: Fields | undefined): void {
  if (!handler) return;
  redactArguments(fieldsOf(handler.exec)?.command);
  const request = fieldsOf(handler.httpGet);
  if (!request) return;
  for (const header of listOf(request.httpHeaders)) if (fieldsOf(header)) (header as Fields).value = redacted;
  for (const key in request)
    if (key !== 'httpHeaders' && typeof request[key] === 'string') request[key] = redactText(request[key]);
}

/** Volumes that only name what they mount: nearly all. */
const namingVolumes = new Set([
  'name',
  'secret',
  'configMap',
  'projected',
  'downwardAPI',
  'emptyDir',
  'persistentVolumeClaim',
  'image',
]);

function redactVolume(volume: Fields | undefined): void {
  for (const key in volume) if (!namingVolumes.has(key)) redactTree(volume[key]);
}

const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;
const states = ['state', 'lastState'] as const;
const phases = ['waiting', 'terminated'] as const;

/** Messages of containers: a terminated one may have the end of its log, a waiting one the registry's URL. */
function redactPodStatus(status: Fields | undefined): void {
  if (!status) return;
  for (const list of statusLists) {
    for (const entry of listOf(status[list])) {
      for (const state of states) {
        const held = fieldsOf(fieldsOf(entry)?.[state]);
        if (held) for (const phase of phases) redactMessage(fieldsOf(held[phase]));
      }
    }
  }
}

/** Texts in a status. */
function redactStatus(status: Fields | undefined): void {
  if (status === undefined) return;
  redactMessage(status);
  for (const condition of listOf(status.conditions)) redactMessage(fieldsOf(condition));
}

function redactMessage(fields: Fields | undefined): void {
  if (fields === undefined) return;
  if (typeof fields.message === 'string') fields.message = redactText(fields.message);
  if (typeof fields.reason === 'string') fields.reason = redactText(fields.reason);
}
