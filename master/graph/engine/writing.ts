// The write methods of the engine, called inside a transaction.
import type { SourceState } from '../../../src/model.ts';
import type { GraphWriter, Item, Renewal } from '../contract.ts';
import type { AnnotationValue } from '../model/annotation.ts';
import { sharedFields } from '../model/fields.ts';
import type { Labels, Vertex } from '../model/vertex.ts';
import type { AnnotationTable } from './annotations.ts';
import type { Claims } from './claims.ts';
import { empty } from './commit.ts';
import type { Derivations } from './derivations.ts';
import type { Links } from './links.ts';
import type { SetClaims } from './set-claims.ts';
import type { Standings } from './standings.ts';
import type { States } from './states.ts';
import { isSure } from './states.ts';
import type { Transactions } from './transaction.ts';
import type { UnheardReferences } from './unheard-references.ts';
import type { Vertices } from './vertices.ts';
import { placeholderLabel } from './vertices.ts';

export interface WritingParts {
  readonly vertices: Vertices;
  readonly transactions: Transactions;
  readonly sets: SetClaims;
  readonly unheard: UnheardReferences;
  readonly claims: Claims;
  readonly links: Links;
  readonly annotations: AnnotationTable;
  readonly states: States;
  readonly standings: Standings;
  readonly derivations: Derivations;
}

export class Writing implements Omit<GraphWriter, 'transact' | 'beforeCommit'> {
  readonly #parts: WritingParts;

  constructor(parts: WritingParts) {
    this.#parts = parts;
  }

  put(item: Item): void {
    const { vertices, transactions, sets, claims, unheard } = this.#parts;
    const vertex = vertices.named(item.id, item.type, item.namespace, item.name);
    const uid = item.uid ?? '';
    if (vertex.present && vertex.uid !== uid) this.#remove(vertex);
    const done = transactions.current();
    const isTouched = done.vertices.has(vertex);
    transactions.touch(vertex);
    if (!vertex.present) vertex.name = item.name;
    done.properties.set(vertex, item.properties);
    const { ownHealth, mark, fields, label, alternateLabel } = vertex;
    // What is equal stays: what was just read would grow old in its place. Compared once, as there may be a hundred thousand.
    const labels = sameLabels(vertex.labels, item.labels) ? vertex.labels : item.labels;
    const relabelled = isRelabelled(vertex, item, labels);
    const setsBefore = relabelled ? sets.relabelling(vertex) : undefined;
    describe(vertex, item, labels);
    if (!vertex.present) this.#enter(vertex, uid);
    if (setsBefore) {
      sets.relabelled(vertex, setsBefore);
      sets.rechoose(vertex, item.labels ?? noLabels);
    }
    const heard = unheard.heard(vertex, item.references);
    // How many references are cut is told, too.
    const saysOther = claims.renew(vertex, heard) || heard !== item.references;
    const isNamedSame = vertex.label === label && vertex.alternateLabel === alternateLabel;
    const looksSame = vertex.ownHealth === ownHealth && vertex.mark === mark && vertex.fields === fields;
    if (looksSame && isNamedSame && !isTouched && !relabelled && !saysOther) done.steady.add(vertex);
    sets.settleIfFar();
  }

  renew({ id, resourceVersion, properties }: Renewal): boolean {
    const { vertices, transactions } = this.#parts;
    const vertex = vertices.get(id);
    if (!vertex?.present) return false;
    const done = transactions.current();
    const isTouched = done.vertices.has(vertex);
    transactions.touch(vertex);
    done.properties.set(vertex, properties);
    vertex.resourceVersion = resourceVersion ?? '';
    if (!isTouched) done.steady.add(vertex);
    return true;
  }

  remove(id: string): void {
    const vertex = this.#parts.vertices.get(id);
    if (vertex?.present) this.#remove(vertex);
  }

  /** Call before a transaction ends. */
  settle(): void {
    this.#parts.claims.settle();
  }

  /** It is there, and says nothing from now on. */
  silence(vertex: Vertex): void {
    this.#parts.transactions.touch(vertex);
    this.#parts.claims.clear(vertex);
  }

  annotate(id: string, name: string, value: AnnotationValue | undefined): void {
    const { annotations, vertices, transactions } = this.#parts;
    if (!annotations.set(id, name, value)) return;
    const vertex = vertices.get(id);
    if (!vertex) return;
    transactions.touch(vertex);
    vertex.annotations = annotations.of(id);
  }

  setKey(index: string, key: string, id: string | undefined): void {
    this.#parts.claims.setKey(index, key, id);
  }

  setSource(family: string, name: string, state: SourceState | undefined): void {
    const { states, transactions } = this.#parts;
    const changed = family === 'kinds' && isSure(state?.state) !== isSure(states.of('kinds').get(name)?.state);
    if (changed) this.#touchPlaceholdersOf(name);
    if (states.set(family, name, state)) transactions.current().completeness = true;
    if (changed) this.#parts.claims.knownAgain(name);
  }

  /** A placeholder is missing if its kind is known, otherwise unverified. */
  #touchPlaceholdersOf(type: string): void {
    const { standings, vertices, transactions, links } = this.#parts;
    for (const vertex of standings.answeredBy(type).flatMap((each) => [...vertices.placeholders(each)])) {
      transactions.touch(vertex);
      links.touchAllOf(vertex);
    }
    this.#reconsiderWhatRestsOn(type);
  }

  #reconsiderWhatRestsOn(kind: string): void {
    const { vertices, transactions, derivations } = this.#parts;
    const done = transactions.current();
    const { relinked } = done;
    done.touches++;
    for (const type of derivations.restingOn(kind)) {
      for (const namespace of vertices.namespacesOf(type))
        for (const vertex of vertices.in(type, namespace)) relinked.add(vertex);
    }
  }

  #enter(vertex: Vertex, uid: string): void {
    this.#changePresence(vertex, () => {
      vertex.uid = uid;
      this.#parts.vertices.enter(vertex);
    });
  }

  #remove(vertex: Vertex): void {
    const { vertices, transactions, sets, claims, unheard } = this.#parts;
    transactions.touch(vertex);
    // Before removal, so that the old state finds the sets that lose it.
    sets.rechoose(vertex, undefined);
    sets.leaveAll(vertex);
    this.#changePresence(vertex, () => vertices.leave(vertex));
    vertex.labels = undefined;
    unheard.heard(vertex, []);
    claims.clear(vertex);
    describe(vertex, undefined, undefined);
    vertex.uid = '';
    transactions.current().properties.set(vertex, empty);
    sets.settleIfFar();
  }

  /** Runs `change`, which may change the presence or incarnation of the vertex. */
  #changePresence(vertex: Vertex, change: () => void): void {
    this.#parts.links.touchAllOf(vertex);
    change();
    this.#parts.claims.awaitedAgain(vertex);
  }
}

/** Copies an item's fields to the vertex, except identity and properties; undefined resets them for a placeholder. */
function describe(vertex: Vertex, item: Item | undefined, labels: Labels | undefined): void {
  const label = item ? item.label : placeholderLabel(vertex);
  if (vertex.label !== label) vertex.label = label;
  vertex.alternateLabel = item?.alternateLabel ?? '';
  vertex.labels = labels;
  vertex.controlled = item?.controlled ?? false;
  vertex.fields = sharedFields(item?.fields);
  vertex.resourceVersion = item?.resourceVersion ?? '';
  vertex.ownHealth = item?.health;
  vertex.mark = item?.mark;
}

const noLabels: Labels = {};

/** Whether it may be in other sets than before. */
function isRelabelled(vertex: Vertex, item: Item, labels: Labels | undefined): boolean {
  return (
    !vertex.present ||
    vertex.controlled !== (item.controlled ?? false) ||
    vertex.fields['status.phase'] !== item.fields?.['status.phase'] ||
    vertex.labels !== labels
  );
}

function sameLabels(a: Labels | undefined, b: Labels | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
