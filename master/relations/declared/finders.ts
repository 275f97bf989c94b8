// Shapes of declared relations: each finds the named ends in its own way.
import { isFilled, isRecord } from '../../../src/fields.ts';
import { groupOf, typeOf } from '../../../src/ids.ts';
import type { KubernetesObject, LabelSelector } from '../../../src/model.ts';
import { endOfHost, servedHost } from '../hosts.ts';
import type { End, Namespaces, Reference } from '../relation.ts';
import { selectPods } from '../selecting.ts';
import { calicoSelector } from './calico.ts';
import type { Declaration } from './declaration.ts';
import { type Parts, parseForm } from './form.ts';
import { type Found, type Path, parsePath, readerOf } from './path.ts';
import { placeOf } from './place.ts';
import { requirementOf } from './require.ts';
import { saidOf } from './said.ts';
import { isKindName, isObjectName } from './scope.ts';

type Say = (end: End, said: Omit<Reference, 'source' | 'target'>) => void;

export interface Find {
  /** In the notation of rules' fields. */
  readonly fields: readonly string[];
  in(object: KubernetesObject, say: Say): void;
}

function pathsOf(paths: string | readonly string[] | undefined): Path[] {
  return [paths ?? []].flat().map(parsePath);
}

interface Named {
  readonly type: string;
  readonly name: string;
  readonly uid?: string | undefined;
  readonly namespace: string | undefined;
}

type Read = (found: Found) => Named | undefined;

/** Ends by name: `read` finds the name, the declaration the place. */
function finderBy(declaration: Declaration, paths: string | readonly string[] | undefined, read: Read): Find {
  const walks = pathsOf(paths);
  const isAsked = requirementOf(declaration.when);
  const place = placeOf(declaration);
  const said = saidOf(declaration);
  return {
    fields: walks.flatMap(({ patterns }) => patterns),
    in(object, say) {
      for (const walk of walks) {
        walk.visit(object, (found) => {
          const named = read(found);
          if (!named || declaration.not?.includes(named.name) || !isAsked(object, found)) return;
          const end = place(object, found, named);
          if (end) say(end, said(object, found));
        });
      }
    },
  };
}

/** `field` may lead further in: `resourceRef.name`. */
function textOf(record: unknown, field: string): string | undefined {
  let value = fieldOf(record, field);
  if (value === undefined && field.includes('.')) value = field.split('.').reduce<unknown>(fieldOf, record);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fieldOf(record: unknown, field: string): unknown {
  return isRecord(record) && Object.hasOwn(record, field) ? record[field] : undefined;
}

/** The group that a reference says; the empty one is the core group. */
function groupIn(record: { readonly [field: string]: unknown }, field: string | undefined): string | undefined {
  if (field !== undefined) return groupText(record[field]);
  if (typeof record['group'] === 'string') return record['group'];
  if (typeof record['apiGroup'] === 'string') return record['apiGroup'];
  return groupText(record['apiVersion']);
}

function groupText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  // `v1` is a version of the core group; a value with a dot and no slash is a group without version.
  return value.includes('/') || !value.includes('.') ? groupOf(value) : value;
}

export function refFinder(declaration: Declaration): Find {
  const { fields = {}, to, group } = declaration;
  const form = declaration.form === undefined ? undefined : parseForm(declaration.form);
  return finderBy(declaration, declaration.ref, ({ value }) => {
    if (form) return typeof value === 'string' ? fromParts(form(value), to, group) : undefined;
    if (!isRecord(value)) return undefined;
    const name = textOf(value, fields.name ?? 'name');
    const kind = textOf(value, fields.kind ?? 'kind');
    if (!isObjectName(name)) return undefined;
    const said = groupIn(value, fields.group);
    const type = typeNamed(kind, said, to, group);
    const namespace = textOf(value, fields.namespace ?? 'namespace');
    return type ? { type, name, namespace, uid: textOf(value, 'uid') } : undefined;
  });
}

function typeNamed(kind: string | undefined, said: string | undefined, to?: string, group?: string) {
  if (kind === undefined) return to === undefined ? undefined : whole(to, said);
  if (!isKindName(kind)) return undefined;
  // A kind equal to the default has the default group.
  if (said === undefined && to !== undefined && to.split('.')[0] === kind) return to;
  return typeOf(said ?? group ?? '', kind);
}

/** The type if no kind is given; the group may be given. */
function whole(to: string, said: string | undefined): string {
  return said === undefined ? to : typeOf(said, to.split('.')[0] ?? to);
}

function fromParts(parts: Parts | undefined, to?: string, group?: string): Named | undefined {
  if (!parts || !isObjectName(parts.name)) return undefined;
  const type = typeNamed(parts.kind, parts.group, to, group);
  return type ? { type, name: parts.name, namespace: parts.namespace } : undefined;
}

/** A text with the name, or a record with a field `name`. */
export function nameFinder(declaration: Declaration): Find {
  const { to = '', as = '{name}' } = declaration;
  const form = parseForm(declaration.form ?? '{name}');
  const nameField = declaration.fields?.name ?? 'name';
  const namespaceField = declaration.fields?.namespace ?? 'namespace';
  return finderBy(declaration, declaration.name, ({ value }) => {
    const text = typeof value === 'string' ? value : textOf(value, nameField);
    const parts = text === undefined ? undefined : form(text);
    if (!parts || !isObjectName(parts.name)) return undefined;
    // A reference to another kind does not qualify.
    const kind = textOf(value, 'kind');
    if (kind !== undefined && kind.toLowerCase() !== to.split('.')[0]?.toLowerCase()) return undefined;
    const namespace = parts.namespace || textOf(value, namespaceField);
    return { type: to, name: as.replace('{name}', () => parts.name ?? ''), namespace };
  });
}

export function markFinder(declaration: Declaration, shape: 'label' | 'annotation'): Find {
  const { to = '', namespaceKey } = declaration;
  const key = declaration[shape] ?? '';
  const form = parseForm(declaration.form ?? '{name}');
  const path = `metadata.${shape}s[${JSON.stringify(key)}]`;
  return finderBy(declaration, path, ({ value, up }) => {
    const parts = typeof value === 'string' ? form(value) : undefined;
    if (!parts || !isObjectName(parts.name)) return undefined;
    const namespace = namespaceKey === undefined ? parts.namespace : textOf(up?.value, namespaceKey);
    return { type: to, name: parts.name, namespace: namespace || undefined };
  });
}

export function hostFinder(declaration: Declaration): Find {
  const walks = pathsOf(declaration.host);
  const isAsked = requirementOf(declaration.when);
  const said = saidOf(declaration);
  const endFor = (value: string, namespace: string | undefined): End | undefined => {
    if (declaration.served) return servedHost(value);
    if (declaration.short && namespace && /^[\w-]+$/.test(value))
      return { by: 'name', type: 'Service', namespace, name: value };
    return endOfHost(value, namespace);
  };
  return {
    fields: walks.flatMap(({ patterns }) => patterns),
    in(object, say) {
      for (const walk of walks) {
        walk.visit(object, (found) => {
          const { value } = found;
          if (typeof value !== 'string' || !isHost(value) || !isAsked(object, found)) return;
          const end = endFor(value, object.metadata.namespace);
          if (end) say(end, said(object, found));
        });
      }
    },
  };
}

/** `*` alone means every host. */
function isHost(text: string): boolean {
  return text !== '*' && text.length <= 253 && /^[\w*[\]:][\w.:*[\]-]*$/.test(text);
}

export function selectorFinder(declaration: Declaration): Find {
  const walks = pathsOf(declaration.selector);
  const isAsked = requirementOf(declaration.when);
  const said = saidOf(declaration);
  const { to = 'Pod', empty = 'none', strip = [] } = declaration;
  const where = namespacesOf(declaration);
  const readSelector = (value: unknown) =>
    declaration.language === 'calico' ? calicoSelector(value, empty) : selectorIn(value, empty, strip);
  return {
    fields: walks.flatMap(({ patterns }) => patterns),
    in(object, say) {
      for (const walk of walks) {
        walk.visit(object, (found) => {
          const selector = readSelector(found.value);
          const namespaces = where(object, found);
          if (!selector || !namespaces || !isAsked(object, found)) return;
          const notes = said(object, found);
          if (to !== 'Pod') return say({ by: 'labels', type: to, namespaces, selector }, notes);
          selectPods({ namespaces, selector, field: notes.field, pods: notes }, ({ target, ...rest }) => {
            if (target) say(target, rest);
          });
        });
      }
    },
  };
}

/** A selector, or a map of labels. Undefined if it selects nothing. */
function selectorIn(value: unknown, empty: 'all' | 'none', strip: readonly string[]): LabelSelector | undefined {
  if (!isRecord(value)) return undefined;
  if (!isFilled(value)) return empty === 'all' ? {} : undefined;
  const isSelector = isRecord(value['matchLabels']) || Array.isArray(value['matchExpressions']);
  const matchLabels = labelsIn(isSelector ? value['matchLabels'] : value, strip);
  const matchExpressions = isSelector ? expressionsIn(value['matchExpressions'], strip) : [];
  if (!matchLabels || !matchExpressions) return undefined;
  const isEmpty = Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
  if (isEmpty) return empty === 'all' ? {} : undefined;
  return { ...(isFilled(matchLabels) && { matchLabels }), ...(matchExpressions.length > 0 && { matchExpressions }) };
}

/** Undefined if one is invalid: what cannot be read selects nothing. */
function labelsIn(labels: unknown, strip: readonly string[]): { [key: string]: string } | undefined {
  if (!isRecord(labels)) return {};
  const entries = Object.entries(labels);
  if (entries.some(([, value]) => typeof value !== 'string')) return undefined;
  return Object.fromEntries(entries.map(([key, value]) => [stripped(key, strip), value as string]));
}

function stripped(key: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((each) => key.startsWith(each));
  return prefix === undefined ? key : key.slice(prefix.length);
}

type Expressions = NonNullable<LabelSelector['matchExpressions']>;
const operators: readonly unknown[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

function expressionsIn(list: unknown, strip: readonly string[]): Expressions | undefined {
  if (!Array.isArray(list)) return [];
  const all = list as readonly unknown[];
  const sound = all.flatMap((each) => {
    if (!isRecord(each) || typeof each['key'] !== 'string' || !operators.includes(each['operator'])) return [];
    const values = each['values'] ?? [];
    if (!Array.isArray(values) || values.some((value) => typeof value !== 'string')) return [];
    return [{ ...each, key: stripped(each['key'], strip) }];
  });
  return sound.length === all.length ? (sound as unknown as Expressions) : undefined;
}

/** Namespaces of a selector: the object's own, all, or a field in one of three forms. */
function namespacesOf({ namespace = 'own', to }: Declaration) {
  const own = ({ metadata }: KubernetesObject): Namespaces | undefined =>
    typeof metadata.namespace === 'string' && metadata.namespace !== '' ? { in: [metadata.namespace] } : undefined;
  if (namespace === 'own') return own;
  if (namespace === 'all' || namespace === 'none' || to === 'Namespace') return (): Namespaces => ({ all: true });
  const read = readerOf(namespace);
  return (object: KubernetesObject, found: Found): Namespaces | undefined => {
    let said: unknown;
    read(object, found, (value) => (said ??= value));
    if (said === undefined || said === null) return own(object);
    return namespacesSaid(said) ?? (isRecord(said) && !isFilled(said) ? { all: true } : own(object));
  };
}

function namespacesSaid(said: unknown): Namespaces | undefined {
  if (typeof said === 'string') return isObjectName(said) ? { in: [said] } : undefined;
  if (Array.isArray(said)) return { in: (said as unknown[]).filter((each) => isObjectName(each)) };
  if (!isRecord(said)) return undefined;
  if (said['any'] === true) return { all: true };
  const names = said['matchNames'];
  if (Array.isArray(names)) return { in: (names as unknown[]).filter((each) => isObjectName(each)) };
  const selector = selectorIn(said, 'none', []);
  return selector && { labels: selector };
}
