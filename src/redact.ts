// Takes secret values out of objects before they are stored or leave a process: the names stay, the values go. Works in
// place on a fresh parse that nobody else holds, and touches only what is there, because it runs on every object.

import type { KubernetesObject } from './model.ts';
import { podSpecOf, podSpecTypes } from './pod-spec.ts';
import { redacted, redactText, secretName } from './redact-text.ts';

export { redacted } from './redact-text.ts';

type Fields = { [key: string]: unknown };

/** Annotations that hold a whole copy of the object, secrets included. Docker's labels carry them behind a prefix. */
const copies = /last-applied|last-handled-configuration|kapp\.k14s\.io\/original|rio\.cattle\.io\/applied/;
/** Only the end of a key counts: `nginx.ingress.kubernetes.io/auth-tls-secret` names a Secret and holds none. */
const secretKey =
  /(?:pass(?:word|wd|phrase)?|pwd|token|(?:api|access|secret|private|account|client)[-_.]?key|client[-_.]?secret|credentials?)$/i;

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `[{ name, value }]` of Kubernetes, `[{ key, value }]` of CRI, `['NAME=value']` of Docker. `valueFrom` stays. */
export function redactEnv(env: unknown): void {
  if (!Array.isArray(env)) return;
  for (let i = 0; i < env.length; i++) {
    const entry: unknown = env[i];
    if (typeof entry === 'string') env[i] = redactAssignment(entry);
    else if (fieldsOf(entry) && 'value' in (entry as Fields)) (entry as Fields).value = redacted;
  }
}

function redactAssignment(entry: string): string {
  const equals = entry.indexOf('=');
  return equals < 0 ? entry : `${entry.slice(0, equals)}=${redacted}`;
}

/** Flags with a secret's name, and what looks like a secret anywhere. The lists are one command line, in order. */
export function redactArguments(...lists: unknown[]): void {
  let expectsSecret = false;
  for (const list of lists) {
    if (!Array.isArray(list)) continue;
    for (let i = 0; i < list.length; i++) {
      const argument: unknown = list[i];
      if (typeof argument !== 'string') continue;
      if (expectsSecret && !argument.startsWith('-')) {
        list[i] = redacted;
        expectsSecret = false;
        continue;
      }
      expectsSecret = takesSecret(argument);
      if (!expectsSecret) list[i] = redactText(argument, true);
    }
  }
}

/** `--token`, whose value is the next argument. */
function takesSecret(argument: string): boolean {
  return /^--?[A-Za-z][\w.-]*$/.test(argument) && secretName(argument);
}

/** Annotations, or labels of a runtime that carry them. */
export function redactAnnotations(annotations: unknown): void {
  const entries = fieldsOf(annotations);
  if (!entries) return;
  for (const key in entries) {
    const value = entries[key];
    if (typeof value !== 'string') continue;
    const all = copies.test(key) || secretKey.test(key);
    const kept = all ? redacted : redactText(value);
    if (kept !== value) entries[key] = kept;
  }
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
  if (typeof request.path === 'string') request.path = redactText(request.path);
}

/** Only inline drivers take free parameters; every other volume names things. */
function redactVolume(volume: Fields | undefined): void {
  if (volume?.csi !== undefined) redactTree(volume.csi);
  if (volume?.flexVolume !== undefined) redactTree(volume.flexVolume);
}

const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;
const states = ['state', 'lastState'] as const;
const phases = ['waiting', 'terminated'] as const;

/** Messages of containers: a terminated one may hold the end of its log, a waiting one the registry's URL. */
function redactPodStatus(status: Fields | undefined): void {
  if (!status) return;
  redactMessage(status);
  for (const list of statusLists) {
    for (const entry of listOf(status[list])) {
      for (const state of states) {
        for (const phase of phases) redactMessage(fieldsOf(fieldsOf(fieldsOf(entry)?.[state])?.[phase]));
      }
    }
  }
}

function redactMessage(fields: Fields | undefined): void {
  if (typeof fields?.message === 'string') fields.message = redactText(fields.message);
}

/** Built-in kinds whose spec and status have no place for a secret, nor for a command line. They are most of a cluster. */
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

/** One object of the API: its annotations, and what its kind may hide a secret in. A kind nobody knows is walked whole. */
export function redactObject(object: KubernetesObject): void {
  const { kind = '', apiVersion = '' } = object;
  redactAnnotations(object.metadata?.annotations);
  if (kind === 'Secret') return redactSecret(object as Fields);
  if (builtIn.test(apiVersion)) {
    if (plainKinds.has(kind)) return;
    if (podKinds.has(kind)) return redactPodObject(object);
  }
  for (const key in object) {
    if (key !== 'metadata' && key !== 'kind' && key !== 'apiVersion') redactField(object as Fields, key);
  }
}

function redactSecret(object: Fields): void {
  delete object.data;
  delete object.stringData;
}

function redactPodObject(object: KubernetesObject): void {
  const found = podSpecOf(object);
  if (found) redactPodSpec(found.spec);
  if (found?.template) redactTemplateMetadata(object as Fields);
  else redactPodStatus(fieldsOf(object.status));
}

/** Every metadata between the object and its Pod spec: of the template, and of a CronJob's Job template. */
function redactTemplateMetadata(object: Fields): void {
  let at: Fields | undefined = object.template === undefined ? fieldsOf(object.spec) : object;
  while (at) {
    const template: Fields | undefined = fieldsOf(at.jobTemplate) ?? fieldsOf(at.template);
    redactAnnotations(fieldsOf(template?.metadata)?.annotations);
    at = fieldsOf(template?.spec);
  }
}

const envKeys = new Set(['env', 'envs', 'Env', 'httpHeaders']);
const argumentKeys = new Set(['command', 'args', 'Args', 'Cmd', 'cmd', 'Entrypoint', 'entrypoint', 'Test']);
const annotationKeys = new Set(['annotations', 'Annotations', 'labels', 'Labels']);

/** Walks anything: env lists, command lines, annotations, fields with a secret's name, and all text. */
export function redactTree(value: unknown): void {
  if (Array.isArray(value)) return redactList(value);
  const fields = fieldsOf(value);
  if (!fields) return;
  if (isPair(fields)) fields.value = redacted;
  if (argumentPair(fields)) return redactCommand(fields);
  for (const key in fields) redactField(fields, key);
}

function redactList(list: unknown[]): void {
  for (let i = 0; i < list.length; i++) {
    const item: unknown = list[i];
    if (typeof item === 'string') list[i] = redactText(item);
    else redactTree(item);
  }
}

/** `{ name: 'password', value: … }`, as Helm parameters and headers are written. */
function isPair(fields: Fields): boolean {
  return typeof fields.value === 'string' && typeof fields.name === 'string' && secretName(fields.name);
}

function argumentPair(fields: Fields): boolean {
  return Array.isArray(fields.command) && Array.isArray(fields.args);
}

/** `command` and `args` are one line: a flag may end the one and its value begin the other. */
function redactCommand(fields: Fields): void {
  redactArguments(fields.command, fields.args);
  for (const key in fields) if (key !== 'command' && key !== 'args') redactField(fields, key);
}

function redactField(fields: Fields, key: string): void {
  const value = fields[key];
  if (typeof value === 'string') fields[key] = secretKey.test(key) ? redacted : redactText(value);
  else if (envKeys.has(key)) redactEnvironment(value);
  else if (argumentKeys.has(key)) redactArguments(value);
  else if (annotationKeys.has(key)) redactAnnotations(value);
  else if (typeof value === 'object' && value !== null) redactTree(value);
}

/** A list, or the map some custom resources make of it. */
function redactEnvironment(env: unknown): void {
  redactEnv(env);
  const map = fieldsOf(env);
  if (!map) return;
  for (const name in map) {
    if (typeof map[name] === 'string') map[name] = redacted;
    else redactTree(map[name]);
  }
}

/** What Docker or Podman says of a container or an image. Ids, digests and names are not text here. */
export function redactInspect(inspect: unknown): void {
  const fields = fieldsOf(inspect);
  if (!fields) return;
  redactArguments([fields.Path], fields.Args);
  if (typeof fields.Path === 'string') fields.Path = redactText(fields.Path, true);
  for (const key of ['Config', 'ContainerConfig'] as const) redactConfig(fieldsOf(fields[key]));
  redactAnnotations(fields.Labels);
  redactAnnotations(fields.Annotations);
  redactHost(fieldsOf(fields.HostConfig));
  redactTree(fields.State);
  redactTree(fields.History);
  if (typeof fields.Command === 'string') fields.Command = redactText(fields.Command, true);
}

function redactConfig(config: Fields | undefined): void {
  if (!config) return;
  redactEnv(config.Env);
  redactArguments(config.Entrypoint, config.Cmd);
  redactArguments(fieldsOf(config.Healthcheck)?.Test);
  redactArguments(config.CreateCommand);
  redactArguments(config.OnBuild);
  redactAnnotations(config.Labels);
  redactAnnotations(config.Annotations);
}

/** Log drivers and volume drivers take tokens as options. */
function redactHost(host: Fields | undefined): void {
  if (!host) return;
  redactTree(fieldsOf(host.LogConfig)?.Config);
  redactAnnotations(host.Annotations);
  for (const mount of listOf(host.Mounts)) redactTree(fieldsOf(mount)?.VolumeOptions);
}

/** `{ Titles, Processes }` of Docker's `top`: the columns that hold a command line, or all of them unsplit. */
export function redactProcesses(top: unknown): void {
  const titles = listOf(fieldsOf(top)?.Titles);
  const columns = titles.flatMap((title, index) => (/\b(?:COMMAND|CMD|ARGS)\b/i.test(String(title)) ? [index] : []));
  for (const row of listOf(fieldsOf(top)?.Processes)) {
    if (!Array.isArray(row)) continue;
    for (const column of columns) {
      const cell: unknown = row[column];
      if (typeof cell === 'string') row[column] = redactText(cell, true);
    }
  }
}

/** What CRI says of a container or a sandbox; the values of a verbose `info` are themselves JSON. */
export function redactCri(answer: unknown): void {
  const fields = fieldsOf(answer);
  if (!fields) return;
  const info = fieldsOf(fields.info);
  for (const key in info) if (typeof info[key] === 'string') info[key] = redactJson(info[key]);
  for (const key in fields) if (key !== 'info') redactField(fields, key);
}

function redactJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    redactTree(value);
    return JSON.stringify(value);
  } catch {
    return redactText(text, true);
  }
}
