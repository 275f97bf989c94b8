// Evaluates a declared rule naively, following docs/rules.md and without the code of rules: slow, for small objects. It knows
// only the hosts and types that occur in random rules and objects.
import type { Declaration, Requirement } from '../../master/relations/declared/declaration.ts';
import type { End, Reference } from '../../master/relations/relation.ts';
import type { KubernetesObject } from '../../src/model.ts';

type Fields = { readonly [key: string]: unknown };

/** A value with everything around it, innermost first. */
interface Place {
  readonly value: unknown;
  readonly path: string;
  readonly above: readonly unknown[];
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textAt = (value: unknown, key: string): string | undefined =>
  isFields(value) && typeof value[key] === 'string' && value[key] !== '' ? value[key] : undefined;
const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9][-A-Za-z0-9._:]{0,252}$/.test(value);

/** All matches of a path of plain keys, `[]` and `{}`, in the object's order. */
function placesOf(of: unknown, path: string): Place[] {
  let places: Place[] = [{ value: of, path: '', above: [] }];
  for (const step of path.match(/\[\]|\{\}|[^.[\]{}]+/g) ?? []) {
    places = places.flatMap(({ value, path: at, above }) => {
      const below = [value, ...above];
      if (step === '[]')
        return Array.isArray(value) ? value.map((each, i) => ({ value: each, path: `${at}[${i}]`, above: below })) : [];
      if (!isFields(value)) return [];
      const keys = step === '{}' ? Object.keys(value) : Object.hasOwn(value, step) ? [step] : [];
      return keys.map((key) => ({ value: value[key], path: at === '' ? key : `${at}.${key}`, above: below }));
    });
  }
  return places;
}

/** Values of a field: of the object, or with leading dots of the records around the reference. */
function valuesOf(object: KubernetesObject, found: Place, field: string): unknown[] {
  const dots = field.length - field.replace(/^\.+/, '').length;
  const from = dots === 0 ? object : [found.value, ...found.above].filter(isFields)[dots - 1];
  return placesOf(from, field.slice(dots))
    .map(({ value }) => value)
    .filter((value) => value !== undefined && value !== null);
}

function holds(object: KubernetesObject, found: Place, { field, exists, equals, in: among }: Requirement): boolean {
  const values = valuesOf(object, found, field);
  if (exists !== undefined) return values.length > 0 === exists;
  return values.some((value) => (among ?? [equals]).some((wanted) => wanted === value));
}

function scopeOf(type: string): 'cluster' | 'namespace' | 'unknown' {
  if (type === 'Node' || type === 'NodePool.karpenter.sh') return 'cluster';
  return type.includes('.') ? 'unknown' : 'namespace';
}

function placed(rule: Declaration, object: KubernetesObject, found: Place, type: string, name: string, own?: string) {
  const { namespace: where = '', present = false } = rule;
  const outside = `${type}:${name}`;
  const alone = present ? `first ${outside}` : outside;
  if (where === 'none' || scopeOf(type) === 'cluster') return alone;
  const isField = !['', 'own', 'either'].includes(where);
  const said = isField
    ? valuesOf(object, found, where).find((value) => typeof value === 'string' && value !== '')
    : undefined;
  const written = where === 'own' ? undefined : ((said as string | undefined) ?? own);
  const place = written ?? object.metadata.namespace;
  if (place === undefined) return scopeOf(type) === 'unknown' ? alone : undefined;
  if (!isName(place)) return undefined;
  const inside = `${type}:${place}/${name}`;
  if (where === 'either' && written === undefined)
    return `first ${inside}, ${outside}${present ? '' : ` else ${inside}`}`;
  return present ? `first ${inside}` : inside;
}

const typed = (group: string, kind: string) => (group === '' ? kind : `${kind}.${group}`);

function endOfRef(rule: Declaration, object: KubernetesObject, found: Place): string | undefined {
  const { value } = found;
  if (!isFields(value) || !isName(value['name'])) return undefined;
  const { to = '' } = rule;
  const usual = to.split('.')[0] ?? '';
  const group = typeof value['group'] === 'string' ? value['group'] : undefined;
  const kind = textAt(value, 'kind') ?? usual;
  if (!/^[A-Z][A-Za-z0-9]*$/.test(kind)) return undefined;
  const type = group === undefined && kind === usual ? to : typed(group ?? '', kind);
  return placed(rule, object, found, type, value['name'], textAt(value, 'namespace'));
}

function parted(rule: Declaration, text: string): { readonly name: string; readonly namespace?: string } | undefined {
  if (rule.form !== '{namespace}/{name}') return { name: text };
  const slash = text.indexOf('/');
  return slash < 0 ? undefined : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

function endOfName(rule: Declaration, object: KubernetesObject, found: Place): string | undefined {
  const { value } = found;
  const text = typeof value === 'string' ? value : textAt(value, 'name');
  const parts = text === undefined ? undefined : parted(rule, text);
  const { to = '' } = rule;
  const kind = textAt(value, 'kind');
  const isOther = kind !== undefined && kind.toLowerCase() !== to.split('.')[0]?.toLowerCase();
  if (!parts || !isName(parts.name) || isOther) return undefined;
  return placed(rule, object, found, to, parts.name, parts.namespace || textAt(value, 'namespace'));
}

function endOfMark(rule: Declaration, object: KubernetesObject, found: Place): string | undefined {
  const parts = typeof found.value === 'string' ? parted(rule, found.value) : undefined;
  if (!parts || !isName(parts.name)) return undefined;
  const own = rule.namespaceKey === undefined ? parts.namespace : textAt(found.above[0], rule.namespaceKey);
  return placed(rule, object, found, rule.to ?? '', parts.name, own || undefined);
}

/** Covers only hosts that occur in random objects. */
function endOfHost(rule: Declaration, object: KubernetesObject, { value }: Place): string | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9.]+$/.test(value)) return undefined;
  const [first = '', second = '', third] = value.toLowerCase().split('.');
  if (rule.served) return `Host:${value.toLowerCase()}`;
  if (third === 'svc') return `Service:${second}/${first}`;
  const { namespace } = object.metadata;
  if (namespace === undefined) return `Host:${first}`;
  if (rule.short) return `Service:${namespace}/${value}`;
  return `first Service:${namespace}/${first} else Host:${first}`;
}

function labelsOf(value: unknown, empty: Declaration['empty']): string | undefined {
  if (!isFields(value)) return undefined;
  const isSelector = isFields(value['matchLabels']);
  const labels = Object.entries(isSelector ? (value['matchLabels'] as Fields) : value);
  if (labels.some(([, each]) => typeof each !== 'string')) return undefined;
  if (labels.length === 0) return empty === 'all' ? 'anything' : undefined;
  return labels.map(([key, each]) => `${key}=${each as string}`).join();
}

function endOfSelector(rule: Declaration, object: KubernetesObject, found: Place): string | undefined {
  const labels = labelsOf(found.value, rule.empty);
  const { namespace } = object.metadata;
  const own = namespace === undefined ? undefined : `in ${namespace}`;
  const where =
    rule.namespace === undefined || rule.namespace === 'own' ? own : whereSaid(rule.namespace, object, found, own);
  return labels === undefined || where === undefined ? undefined : `${rule.to} ${where} by ${labels}`;
}

function whereSaid(field: string, object: KubernetesObject, found: Place, own: string | undefined) {
  if (field === 'all' || field === 'none') return 'all';
  const [said] = valuesOf(object, found, field);
  if (said === undefined) return own;
  if (typeof said === 'string') return isName(said) ? `in ${said}` : own;
  if (Array.isArray(said)) return `in ${said.filter(isName).join('+')}`;
  if (!isFields(said)) return own;
  if (Object.keys(said).length === 0) return 'all';
  const labels = labelsOf(said, 'none');
  return labels === undefined ? own : `where ${labels}`;
}

/** `field end marks` of each relation. */
export function plainlySaid(rule: Declaration, object: KubernetesObject): string[] {
  const mark = rule.label === undefined ? rule.annotation : rule.label;
  const path =
    rule.ref ??
    rule.name ??
    rule.host ??
    rule.selector ??
    `metadata.${rule.label === undefined ? 'annotations' : 'labels'}.${mark}`;
  const endOf = rule.ref
    ? endOfRef
    : rule.name
      ? endOfName
      : rule.host
        ? endOfHost
        : rule.selector
          ? endOfSelector
          : endOfMark;
  const reverse = rule.reverse ?? mark !== undefined;
  const said = placesOf(object, path as string).flatMap((found) => {
    const end = endOf(rule, object, found);
    const asked = [rule.when ?? []].flat();
    if (end === undefined || !asked.every((each) => holds(object, found, each))) return [];
    const optional = typeof rule.optional === 'string' ? valuesOf(object, found, rule.optional)[0] : rule.optional;
    const weight = rule.weight === undefined ? undefined : valuesOf(object, found, rule.weight)[0];
    const heavy = typeof weight === 'number' ? ` weight ${weight}` : '';
    return [`${found.path} ${reverse ? '< ' : ''}${end}${optional === true ? ' optional' : ''}${heavy}`];
  });
  const kept = said.slice(0, rule.limit);
  const last = kept.at(-1);
  return last === undefined || said.length === kept.length
    ? kept
    : kept.with(-1, `${last} leftOut ${said.length - kept.length}`);
}

function wordsOf(end: End): string {
  if (end.by === 'name') return `${end.type}:${end.namespace === undefined ? '' : `${end.namespace}/`}${end.name}`;
  if (end.by === 'first')
    return `first ${end.of.map(wordsOf).join(', ')}${end.otherwise ? ` else ${wordsOf(end.otherwise)}` : ''}`;
  if (end.by !== 'labels') return end.by;
  const { namespaces, selector, type } = end;
  const words = (labels: { readonly [key: string]: string } | null | undefined) =>
    Object.entries(labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join() || 'anything';
  const where =
    'in' in namespaces
      ? `in ${namespaces.in.join('+')}`
      : 'all' in namespaces
        ? 'all'
        : `where ${words(namespaces.labels.matchLabels)}`;
  return `${type} ${where} by ${words(selector.matchLabels)}`;
}

/** The same for a reference that a rule made. */
export function wordsOfReference({ source, target, field, optional, notes }: Reference): string {
  const end = source ?? target;
  const marks = Object.entries(notes ?? {}).map(([name, value]) => ` ${name} ${value}`);
  return `${field} ${source ? '< ' : ''}${end ? wordsOf(end) : ''}${optional ? ' optional' : ''}${marks.join('')}`;
}
