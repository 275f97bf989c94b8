// The graph engine: told what exists and what each object refers to, it keeps the relations, incrementally. One change
// costs what it touches. The invariant: after any sequence of calls the graph equals one built from the final objects
// alone, whatever their order; only timestamps remember the way.
//
// An object's references become claims (claims.ts), claims make edges (links.ts), and what a transaction touched is
// written anew when it ends (settle.ts). Here they are put together, and told what is there.

import { timestampOf } from '../../../src/clock.ts';
import type { SourceState } from '../../../src/model.ts';
import type { Engine, EngineOptions, Item } from '../contract.ts';
import { createBytes } from '../model/bytes.ts';
import type { Labels, Vertex } from '../model/vertex.ts';
import { createChanges } from '../revisions/changes.ts';
import { createOpenSnapshots } from '../revisions/open-snapshots.ts';
import { createRetention } from '../revisions/retention.ts';
import { createUndoLogs } from '../revisions/undo-log.ts';
import { createClaims } from './claims.ts';
import { createCommit, empty, textOf } from './commit.ts';
import { createEdgeLists } from './edges.ts';
import { createFacts } from './facts.ts';
import type { Standing } from './json.ts';
import { createWriter } from './json.ts';
import { createLinks } from './links.ts';
import { createOrder } from './order.ts';
import { createResolver } from './resolver.ts';
import { createSelectors } from './selectors.ts';
import { createStates, isSure } from './states.ts';
import { createSweep } from './sweep.ts';
import { createTransactions } from './transaction.ts';
import { createVertices, placeholderLabel } from './vertices.ts';

export type { Engine, EngineOptions, GraphReader, Item, SourcedReference } from '../contract.ts';

export function createEngine(options: EngineOptions): Engine {
  const { clock, virtualTypes } = options;
  const ruleOrder = new Map(options.rules.map((rule, i) => [rule, i] as const));
  const extras = new Map<string, Map<string, string>>();
  const openSnapshots = createOpenSnapshots(options.retention ?? createRetention());
  const bytes = createBytes();
  const order = createOrder(openSnapshots);
  const changes = createChanges(options.logBytes ?? 64 << 20);
  const states = createStates();
  const vertices = createVertices(virtualTypes);
  const writer = createWriter(options.createdBy, ruleOrder, standingOf);
  const edgeLists = createEdgeLists(bytes, openSnapshots, (edges) => edges.map((edge) => writer.edge(edge)).join(''));
  const selectors = createSelectors(vertices);
  const undoLogs = createUndoLogs(standingOf);
  const transactions = createTransactions(clock, undoLogs, () => timestamp, end);
  const { current, touch } = transactions;
  const links = createLinks(transactions, changes, edgeLists, writer, undoLogs);
  const facts = createFacts();
  const claims = createClaims({
    resolver: createResolver(vertices, facts, options),
    facts,
    links,
    selectors,
    transactions,
    isKnown,
    tellAmbiguous: ({ id }, text) => annotate(id, 'ambiguous', text),
  });
  const { commit, bytesByType } = createCommit({
    vertices,
    order,
    bytes,
    changes,
    openSnapshots,
    writer,
    standingOf,
    extras,
  });
  const sweep = createSweep(bytes, vertices);
  let revision = 0;
  let timestamp = timestampOf(clock());

  function end(done: ReturnType<typeof current>): void {
    const change = commit(done, states.text);
    if (!change) return;
    revision++;
    timestamp = done.now;
    changes.push({ ...change, revision, timestamp });
    sweep();
  }

  function standingOf(vertex: Vertex): Standing {
    if (vertex.present || virtualTypes.has(vertex.type)) return '';
    if (options.hidden?.(vertex)) return 'unverified';
    if (vertex.namespace && options.namespaces && !options.namespaces.has(vertex.namespace)) return 'unverified';
    const state = states.kinds.get(options.answersFor?.[vertex.type] ?? vertex.type)?.state;
    return isSure(state) ? 'missing' : 'unverified';
  }

  function isKnown(type: string, namespace: string): boolean {
    if (options.hidden?.({ id: '', type, namespace })) return false;
    if (namespace && options.namespaces && !options.namespaces.has(namespace)) return false;
    return isSure(states.kinds.get(type)?.state);
  }

  /** Runs `change`, which may alter whether the vertex exists, or as which incarnation. */
  function changePresence(vertex: Vertex, change: () => void): void {
    links.touchAllOf(vertex);
    change();
    claims.awaitedAgain(vertex);
  }

  function put(item: Item): void {
    const vertex = vertices.named(item.id, item.type, item.namespace, item.name);
    if (vertex.present && vertex.uid !== item.uid) removeVertex(vertex);
    touch(vertex);
    if (!vertex.present) vertex.name = item.name;
    current().properties.set(vertex, item.properties);
    const relabelled =
      !vertex.present ||
      vertex.controlled !== item.controlled ||
      vertex.phase !== item.phase ||
      !sameLabels(vertex.labels, item.labels);
    if (relabelled && vertex.present) selectors.leave(vertex);
    vertex.label = item.label;
    vertex.alternateLabel = item.alternateLabel;
    vertex.labels = item.labels;
    vertex.controlled = item.controlled;
    vertex.nodeName = item.nodeName;
    vertex.phase = item.phase;
    vertex.resourceVersion = item.resourceVersion;
    if (!vertex.present) {
      changePresence(vertex, () => {
        vertex.uid = item.uid;
        vertices.enter(vertex);
      });
    }
    if (relabelled) {
      selectors.enter(vertex);
      claims.rematch(vertex);
    }
    claims.renew(vertex, item.references);
  }

  function removeVertex(vertex: Vertex): void {
    touch(vertex);
    selectors.leave(vertex);
    changePresence(vertex, () => vertices.leave(vertex));
    vertex.labels = undefined;
    claims.clear(vertex);
    Object.assign(vertex, {
      uid: '',
      resourceVersion: '',
      alternateLabel: '',
      controlled: false,
      nodeName: '',
      phase: '',
    });
    vertex.label = placeholderLabel(vertex);
    current().properties.set(vertex, empty);
    claims.rechoose(vertex, undefined);
  }

  /** What has no list of its own is as sure as the kind that answers for it. */
  function answeredBy(type: string): string[] {
    const parts = Object.entries(options.answersFor ?? {}).flatMap(([part, by]) => (by === type ? [part] : []));
    return [type, ...parts];
  }

  function setKind(type: string, state: SourceState | undefined): void {
    if (isSure(state?.state) !== isSure(states.kinds.get(type)?.state)) {
      for (const vertex of answeredBy(type).flatMap((each) => [...vertices.placeholders(each)])) {
        touch(vertex);
        links.touchAllOf(vertex);
      }
    }
    const was = isSure(states.kinds.get(type)?.state);
    if (states.setKind(type, state)) current().completeness = true;
    if (was !== isSure(state?.state)) claims.knownAgain(type);
  }

  function annotate(id: string, name: string, value: string | undefined): void {
    const of = extras.get(id);
    if (of?.get(name) === value) return;
    if (value !== undefined) {
      if (of) of.set(name, value);
      else extras.set(id, new Map([[name, value]]));
    } else if (of?.delete(name) && of.size === 0) extras.delete(id);
    const vertex = vertices.get(id);
    if (vertex) touch(vertex);
  }

  function propertiesOf(vertex: Vertex): string {
    const text = transactions.open()?.properties.get(vertex);
    return text === undefined ? (vertex.version ? textOf(vertex.version) : empty) : String(text);
  }

  return {
    transact: transactions.run,
    put,
    remove(id) {
      const vertex = vertices.get(id);
      if (vertex?.present) removeVertex(vertex);
    },
    annotate,
    setKey: claims.setKey,
    setKind,
    setMinion(node, state) {
      if (states.setMinion(node, state)) current().completeness = true;
    },
    get: vertices.get,
    members: vertices.in,
    namespacesOf: vertices.namespacesOf,
    counts: vertices.counts,
    standingOf,
    completeness: states.text,
    kinds: () => states.kinds,
    minions: () => states.minions,
    edgeText: (edge) => writer.edge(edge),
    propertiesOf,
    bytesByType,
    get revision() {
      return revision;
    },
    get timestamp() {
      return timestamp;
    },
    get relations() {
      return links.count;
    },
    relationCounts: links.counts,
    clusterName: options.clusterName,
    order,
    openSnapshots,
    undoLogs,
    bytes,
    changes,
    edgeLists,
    rules: options.rules,
  };
}

function sameLabels(a: Labels | undefined, b: Labels | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
