// Whether a Node would take a Pod, as far as the spec of the Pod, its volumes and the taints of the Node tell.
import type { LabelSelector } from '../../src/model.ts';
import { compileSelector } from '../graph/model/label-selector.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { FindingView } from './finding-rule.ts';
import { podFieldsOf, takesPods } from './pod-fields.ts';
import { type Fields, fieldsAt, recordsOf, some, specOf, stringsAt, textAt } from './reading.ts';
import { nodesOf } from './storage.ts';

/** What a Pod asks of its Node. */
export interface NodeWish {
  readonly selector: Fields;
  /** One of these must match; undefined if there is none. */
  readonly terms: readonly Fields[] | undefined;
  readonly tolerations: readonly Fields[];
  /** Labels that a Node must have. */
  readonly spreadBy: readonly string[];
  /** It keeps away from other Pods: which Nodes are left is not known. */
  readonly keepsAway: boolean;
  /** Names of the Nodes that reach its volumes; undefined for all. */
  readonly reach: ReadonlySet<string> | undefined;
}

/** Undefined if it is bound to its Node, or other Pods must be where it is: no other Node can be proposed for it alone. */
export function nodeWishOf(pod: Vertex, view: FindingView): NodeWish | undefined {
  const spec = specOf(pod, view);
  const affinity = fieldsAt(spec, 'affinity');
  if (recordsOf(fieldsAt(affinity, 'podAffinity')[required]).length > 0) return undefined;
  if (isPinned(pod, view)) return undefined;
  const terms = fieldsAt(fieldsAt(affinity, 'nodeAffinity'), required)['nodeSelectorTerms'];
  return {
    selector: fieldsAt(spec, 'nodeSelector'),
    terms: Array.isArray(terms) ? recordsOf(terms).map(({ item }) => item) : undefined,
    tolerations: recordsOf(spec['tolerations']).map(({ item }) => item),
    spreadBy: spreadByOf(spec),
    keepsAway: recordsOf(fieldsAt(affinity, 'podAntiAffinity')[required]).some(({ item }) => !isOfItself(item, pod)),
    reach: reachOf(pod, view),
  };
}

/** A term that only keeps Pods like this one apart: another Node has none of them. */
function isOfItself(term: Fields, { labels = {}, namespace }: Vertex): boolean {
  const namespaces = stringsAt(term, 'namespaces');
  if (term['namespaceSelector'] || namespaces.some((each) => each !== namespace)) return false;
  return compileSelector(fieldsAt(term, 'labelSelector') as LabelSelector).matches(labels);
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution';

/** The template names the Node. That of a Pod itself does not tell: the scheduler sets it. */
function isPinned(pod: Vertex, view: FindingView): boolean {
  return some(view.into(pod, 'monitors', 'owns'), ({ source }) => {
    if (!view.mentions(source, '"nodeName"')) return false;
    return textAt(podFieldsOf(source, view)?.spec ?? {}, 'nodeName') !== '';
  });
}

function spreadByOf(spec: Fields): string[] {
  return recordsOf(spec['topologySpreadConstraints'])
    .filter(({ item }) => textAt(item, 'whenUnsatisfiable') === 'DoNotSchedule')
    .map(({ item }) => textAt(item, 'topologyKey'));
}

function reachOf(pod: Vertex, view: FindingView): ReadonlySet<string> | undefined {
  let reach: ReadonlySet<string> | undefined;
  for (const { target: claim } of view.out(pod, 'mounts'))
    for (const { target: volume } of view.out(claim, 'boundTo')) {
      const nodes = nodesOf(volume, view);
      if (!nodes) continue;
      const names = new Set(nodes.map(({ target }) => target.name));
      reach = reach ? reach.intersection(names) : names;
    }
  return reach;
}

/** Records the looks at the Node. Requests and what is free are not compared. */
export function wouldTake(node: Vertex, wish: NodeWish, view: FindingView): boolean {
  const { selector, terms, tolerations, spreadBy, reach } = wish;
  if (reach && !reach.has(node.name)) return false;
  if (!takesPods(view.look(node), view)) return false;
  const labels = node.labels ?? {};
  if (!Object.entries(selector).every(([key, value]) => labels[key] === value)) return false;
  if (!spreadBy.every((key) => Object.hasOwn(labels, key))) return false;
  if (terms && !terms.some((term) => matches(term, node))) return false;
  return recordsOf(specOf(node, view)['taints']).every(({ item }) => isTolerated(item, tolerations));
}

/** A term without requirements, or one that is not understood, matches nothing. */
function matches(term: Fields, node: Vertex): boolean {
  const expressions = recordsOf(term['matchExpressions']).map(({ item }) => item);
  const fields = recordsOf(term['matchFields']).map(({ item }) => item);
  if (expressions.length + fields.length === 0) return false;
  return holds(expressions, node.labels ?? {}) && holds(fields, { 'metadata.name': node.name });
}

function holds(matchExpressions: readonly Fields[], labels: { readonly [key: string]: string }): boolean {
  const selector: Fields = { matchExpressions };
  return compileSelector(selector as LabelSelector).matches(labels);
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
function isTolerated(taint: Fields, tolerations: readonly Fields[]): boolean {
  const effect = textAt(taint, 'effect');
  if (effect !== 'NoSchedule' && effect !== 'NoExecute') return true;
  return tolerations.some((each) => {
    const isAny = textAt(each, 'operator') === 'Exists';
    const key = textAt(each, 'key');
    if (textAt(each, 'effect') !== '' && textAt(each, 'effect') !== effect) return false;
    if (key === '') return isAny;
    return key === textAt(taint, 'key') && (isAny || textAt(each, 'value') === textAt(taint, 'value'));
  });
}
