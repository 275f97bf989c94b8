// Reads unchecked objects and their surroundings for rules.
import { isRecord } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import { noneDependsFlag, notReadyFlag, optionalFlag, readyFlag, templateFlag } from '../graph/model/vertex.ts';
import { type Condition, conditionsOf as conditionsIn, countAt, fieldsAt, recordsOf, textAt } from '../health/read.ts';
import type { FindingView, ObjectFields } from './finding-rule.ts';

export { countAt, fieldsAt, recordsOf, textAt };

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export type Fields = ObjectFields;

export function specOf(vertex: Vertex, view: FindingView): Fields {
  return fieldsAt(view.object(vertex), 'spec');
}

export function statusOf(vertex: Vertex, view: FindingView): Fields {
  return fieldsAt(view.object(vertex), 'status');
}

export function metadataOf(vertex: Vertex, view: FindingView): Fields {
  return fieldsAt(view.object(vertex), 'metadata');
}

/** Empty if there is none. */
export function annotationOf(vertex: Vertex, name: string, view: FindingView): string {
  return textAt(fieldsAt(metadataOf(vertex, view), 'annotations'), name);
}

/** Conditions of its status by type, without those of an earlier generation. */
export function conditionsOf(vertex: Vertex, view: FindingView): ReadonlyMap<string, Told> {
  return conditionsBelow(vertex, view, statusOf(vertex, view), 'status');
}

export interface Told extends Condition {
  readonly message: string;
}

export function conditionsBelow(
  vertex: Vertex,
  view: FindingView,
  fields: Fields,
  path: string,
): ReadonlyMap<string, Told> {
  const object = { metadata: {}, ...view.object(vertex) } as unknown as KubernetesObject;
  if (!isRecord(object.metadata)) return new Map();
  const found = new Map<string, Told>();
  const messages = new Map(recordsOf(fields['conditions']).map(({ at, item }) => [at, textAt(item, 'message')]));
  for (const [type, condition] of conditionsIn(object, fields, path)) {
    if (condition.old) continue;
    const at = Number(/\[(\d+)\]$/.exec(condition.field)?.[1]);
    found.set(type, { ...condition, message: shortened(messages.get(at) ?? '') });
  }
  return found;
}

/** The texts of a list; empty if it is none. */
export function stringsAt(fields: Fields, name: string): readonly string[] {
  const list = fields[name];
  return Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [];
}

/** The cluster's own texts may be very long. */
export function shortened(text: string, most = 240): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** `: the words`, or nothing. */
export function saying(text: string): string {
  return text === '' ? '' : `: ${text}`;
}

/** `Deployment shop/web`. */
export function called({ type, namespace, name }: Pick<Vertex, 'type' | 'namespace' | 'name'>): string {
  return `${kindOf(type)} ${namespace ? `${namespace}/` : ''}${name}`;
}

/** The kind alone: `Gateway` for `Gateway.gateway.networking.k8s.io`. */
export function kindOf(type: string): string {
  const dot = type.indexOf('.');
  return dot < 0 ? type : type.slice(0, dot);
}

/** `3 Pods`, `1 Pod`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : what.endsWith('s') ? 'es' : 's'}`;
}

/** `a, b and 3 more`. */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

export const systemNamespaces: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** Made by the API server. */
export function isBootstrap({ labels }: Vertex): boolean {
  return labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults';
}

// --- relations -------------------------------------------------------------------------------------------------------

export function isOfTemplate(edge: Edge, view: FindingView): boolean {
  return (view.flagsOf(edge) & templateFlag) !== 0;
}

export function isOptional(edge: Edge, view: FindingView): boolean {
  return (view.flagsOf(edge) & optionalFlag) !== 0;
}

/** No one depends on its target: a backend of weight 0, a mirror. */
export function isIndependent(edge: Edge, view: FindingView): boolean {
  return (view.flagsOf(edge) & noneDependsFlag) !== 0;
}

/** Undefined if unknown. */
export function readinessOf({ flags: { any } }: Edge): boolean | undefined {
  if (any & readyFlag) return true;
  return any & notReadyFlag ? false : undefined;
}

/** Whether one of these rules made the relation. */
export function isBy({ claims }: Edge, names: ReadonlySet<string>): boolean {
  return claims.some(({ reason }) => names.has(reason.rule.name));
}

/** An additional annotation of the relation, such as a port. */
export function notesOf({ claims }: Edge): readonly { readonly [name: string]: string | number | boolean }[] {
  return claims.flatMap(({ reason }) => (reason.notes ? [reason.notes] : []));
}

/** The first one; undefined if empty. */
export function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}

export function some<T>(items: Iterable<T>, test: (item: T) => boolean): boolean {
  for (const item of items) if (test(item)) return true;
  return false;
}
