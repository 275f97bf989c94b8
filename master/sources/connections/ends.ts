// Which resources the labels of a series name. Pure, except for lookups. An end that is a workload stays a workload: that each of
// its Pods talks to each of the other's would be an invention.
import { containerId, resourceId } from '../../../src/ids.ts';
import { podControllerTypes } from '../../../src/pod-spec.ts';
import type { EndForm, Mapping, Word } from './mapping.ts';
import { wordsOf } from './pattern.ts';

export type Row = { readonly [label: string]: string };

/** What is looked up in the graph, as it is at that moment. */
export interface Lookup {
  /** Whether the resource is there. */
  has(id: string): boolean;
  /** The topmost owner of a ReplicaSet or Job; else itself. */
  ownerOf(id: string): string;
  /** The container, Pod, Service or Node of an address, or a Host outside; undefined for addresses that are everywhere. */
  at(host: string, port: number): string | undefined;
}

export interface SeenConnection {
  readonly source: string;
  readonly target: string;
  readonly port: number | undefined;
  /** Id of the Service that was dialled. */
  readonly via: string | undefined;
  readonly failed: boolean;
}

type Outcome = SeenConnection | 'ignored' | 'ambiguous' | 'unresolved';

interface End {
  readonly id: string;
  readonly port?: number;
}

/** Types by the words that agents use for them. */
const types: { readonly [kind: string]: string } = Object.fromEntries(
  [...podControllerTypes, 'Pod', 'Service', 'Node'].map((type) => [type.toLowerCase(), type]),
);

export function connectionOf(row: Row, mapping: Mapping, failed: boolean, lookup: Lookup): Outcome {
  for (const [label, values] of Object.entries(mapping.ignore)) if (values.includes(row[label] ?? '')) return 'ignored';
  const source = endOf(row, mapping.source, lookup);
  const target = endOf(row, mapping.target, lookup);
  if (source === 'ambiguous' || target === 'ambiguous') return 'ambiguous';
  if (!source || !target) return 'unresolved';
  const via = endOf(row, mapping.via, lookup);
  const dialled =
    via && via !== 'ambiguous' && via.id.startsWith('Service:') && via.id !== target.id ? via.id : undefined;
  const port = target.port ?? mapping.port.map((label) => portIn(row[label])).find((each) => each !== undefined);
  return { source: source.id, target: target.id, port, via: dialled, failed };
}

/** Pure: a series of which the target is a Service becomes `via` of that which has the same source and name. */
export function folded(seen: readonly SeenConnection[]): SeenConnection[] {
  const placeOf = (id: string) => id.slice(id.indexOf(':') + 1);
  const isService = ({ target }: SeenConnection) => target.startsWith('Service:');
  const keyOf = ({ source, target }: SeenConnection) => `${source} ${placeOf(target)}`;
  const services = new Map(seen.filter(isService).map((each) => [keyOf(each), each]));
  const others = seen.filter((each) => !isService(each));
  const used = new Set(others.map(keyOf));
  const through = others.map((each) => {
    const service = services.get(keyOf(each));
    return service ? { ...each, via: each.via ?? service.target } : each;
  });
  return [...through, ...[...services].filter(([key]) => !used.has(key)).map(([, each]) => each)];
}

function endOf(row: Row, forms: readonly EndForm[], lookup: Lookup): End | 'ambiguous' | undefined {
  let isAmbiguous = false;
  for (const form of forms) {
    const found = endBy(row, form, lookup);
    if (found === 'ambiguous') isAmbiguous = true;
    else if (found) return found;
  }
  return isAmbiguous ? 'ambiguous' : undefined;
}

function endBy(row: Row, form: EndForm, lookup: Lookup): End | 'ambiguous' | undefined {
  if ('address' in form) return addressed(valueOf(row, form.address), lookup);
  if ('pattern' in form) {
    const { label, as, kind } = form.pattern;
    const words = wordsOf(as, row[label] ?? '');
    return words && patterned(words, kind, lookup);
  }
  if ('container' in form) {
    const { namespace, pod, name } = form.container;
    return container(valueOf(row, namespace), valueOf(row, pod), valueOf(row, name), lookup);
  }
  if ('node' in form) return there(resourceId('Node', valueOf(row, form.node.name)), lookup);
  if ('pod' in form) return named('Pod', valueOf(row, form.pod.namespace), valueOf(row, form.pod.name), lookup);
  if ('service' in form)
    return named('Service', valueOf(row, form.service.namespace), valueOf(row, form.service.name), lookup);
  const { kind, namespace, name } = form.workload;
  return workload(kind && valueOf(row, kind), valueOf(row, namespace), valueOf(row, name), lookup);
}

function patterned(words: ReadonlyMap<string, string>, kind: string | undefined, lookup: Lookup) {
  const [namespace = '', name = ''] = [words.get('namespace'), words.get('name')];
  const [pod, inPod] = [words.get('pod'), words.get('container')];
  if (pod !== undefined && inPod !== undefined) return container(namespace, pod, inPod, lookup);
  if (pod !== undefined) return named('Pod', namespace, pod, lookup);
  return workload(kind, namespace, name, lookup);
}

/** A Pod whose containers are not read yet is better than nothing. */
function container(namespace: string, pod: string, name: string, lookup: Lookup): End | undefined {
  if (namespace === '' || pod === '' || name === '') return undefined;
  return there(containerId(namespace, pod, name), lookup) ?? named('Pod', namespace, pod, lookup);
}

/** Without a kind the only one of that name among those that have Pods; the Pod itself if none of them is. */
function workload(
  kind: string | undefined,
  namespace: string,
  name: string,
  lookup: Lookup,
): End | 'ambiguous' | undefined {
  if (kind !== undefined && kind !== '') {
    const word = kind.toLowerCase();
    const type = Object.hasOwn(types, word) ? types[word] : undefined;
    if (type === 'Node') return there(resourceId('Node', name), lookup);
    return type === undefined ? undefined : named(type, namespace, name, lookup);
  }
  const found = podControllerTypes.flatMap((type) => named(type, namespace, name, lookup) ?? []);
  const [only, ...others] = new Map(found.map((each) => [each.id, each])).values();
  if (others.length > 0) return 'ambiguous';
  return only ?? named('Pod', namespace, name, lookup);
}

function named(type: string, namespace: string, name: string, lookup: Lookup): End | undefined {
  if (namespace === '' || name === '') return undefined;
  const found = there(resourceId(type, name, namespace), lookup);
  if (!found || !/^(ReplicaSet|Job)$/.test(type)) return found;
  return { id: lookup.ownerOf(found.id) };
}

function there(id: string, lookup: Lookup): End | undefined {
  return lookup.has(id) ? { id } : undefined;
}

function addressed(text: string, lookup: Lookup): End | undefined {
  const [, six, plain, digits] = /^(?:\[([0-9a-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text) ?? [];
  const [host, port] = [six ?? plain, portIn(digits)];
  if (host === undefined || port === undefined) return undefined;
  const id = lookup.at(host.toLowerCase(), port);
  return id === undefined ? undefined : { id, port };
}

function valueOf(row: Row, word: Word): string {
  if (typeof word === 'string') return row[word] ?? '';
  if ('is' in word) return word.is;
  return word.map((label) => row[label] ?? '').find((value) => value !== '') ?? '';
}

function portIn(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : undefined;
}
