// Differences of two graphs: pure, in the order of the graph.
import { isRecord } from '../../src/fields.ts';
import type { Relation, Resource } from '../../src/model.ts';
import type { GraphAnswer } from '../forms.ts';

export interface FieldChange {
  /** Such as `spec.replicas`; `annotations.…` is from the graph, everything else from the source. */
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** Values that are too long are texts that stand for a part of them. */
  readonly cut?: true;
}

export interface ResourceDifference {
  readonly change: Change;
  readonly id: string;
  readonly type: string;
  /** It is missing, which it was not before. */
  readonly missing?: true;
  /** For changed resources. */
  readonly fields?: readonly FieldChange[];
}

export interface RelationDifference {
  readonly change: Change;
  readonly type: string;
  readonly source: string;
  readonly target: string;
  /** The field that states it. */
  readonly field: string;
  readonly fields?: readonly FieldChange[];
}

export const changes = ['added', 'removed', 'changed'] as const;
export type Change = (typeof changes)[number];

export interface Difference {
  readonly resources: readonly ResourceDifference[];
  readonly relations: readonly RelationDifference[];
}

/** `ignored`: fields that are ignored with everything below. */
export function compareGraphs(before: GraphAnswer, after: GraphAnswer, ignored: readonly string[] = []): Difference {
  const matters = ({ field }: FieldChange) =>
    !ignored.some((each) => field === each || (/^[.[]/.test(field.slice(each.length)) && field.startsWith(each)));
  const rename = clusterRenamed(before, after);
  // A drawing lacks details: these are no difference to a complete graph.
  const drawn = before.drawn === true || after.drawn === true;
  const [resourceWords, relationWords] = drawn ? [wordsOfDrawn, () => ({})] : [wordsOfResource, wordsOfRelation];
  const renamed = {
    resources: after.resources.map((one) => ({ ...one, id: rename(one.id) })),
    relations: after.relations.map((one) => ({ ...one, source: rename(one.source), target: rename(one.target) })),
  };
  return {
    resources: compareLists(before.resources, renamed.resources, ({ id }) => id, resourceWords, matters).map(
      ({ change, one, fields }) => {
        const missing = change !== 'removed' && one.annotations.missing ? { missing: true as const } : {};
        return { change, id: one.id, type: one.type, ...missing, ...(fields ? { fields } : {}) };
      },
    ),
    relations: compareLists(before.relations, renamed.relations, keyOf, relationWords, matters).map(
      ({ change, one, fields }) => {
        const { type, source, target, annotations } = one;
        return { change, type, source, target, field: annotations.field, ...(fields ? { fields } : {}) };
      },
    ),
  };
}

/** The cluster's name tells where a graph is from, not what it contains. */
function clusterRenamed(before: GraphAnswer, after: GraphAnswer): (id: string) => string {
  const clusterOf = ({ resources }: GraphAnswer) =>
    resources.filter(({ type }) => type === 'Cluster').map(({ id }) => id);
  const [from, ...others] = clusterOf(after);
  const [to] = clusterOf(before);
  if (from === undefined || to === undefined || others.length > 0) return (id) => id;
  return (id) => (id === from ? to : id);
}

function keyOf({ source, type, target }: Relation): string {
  return JSON.stringify([source, type, target]);
}

/** The compared data of a resource: its source's data and its existence, not timestamps. */
function wordsOfResource({ properties, annotations }: Resource): unknown {
  const { missing, unverified } = annotations;
  return { ...(isRecord(properties) ? properties : {}), annotations: { missing, unverified } };
}

function wordsOfDrawn({ annotations: { missing } }: Resource): unknown {
  return { annotations: { missing } };
}

function wordsOfRelation({ annotations }: Relation): unknown {
  const { label: _, createdBy: __, ...words } = annotations;
  return words;
}

interface Compared<T> {
  readonly change: Change;
  readonly one: T;
  readonly fields?: readonly FieldChange[];
}

function compareLists<T>(
  before: readonly T[],
  after: readonly T[],
  key: (one: T) => string,
  words: (one: T) => unknown,
  matters: (change: FieldChange) => boolean,
): Compared<T>[] {
  const old = new Map(before.map((one) => [key(one), one]));
  const now = new Map(after.map((one) => [key(one), one]));
  const keys = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return keys.flatMap((each): Compared<T>[] => {
    const was = old.get(each);
    const is = now.get(each);
    if (was === undefined) return is === undefined ? [] : [{ change: 'added', one: is }];
    if (is === undefined) return [{ change: 'removed', one: was }];
    const fields = [...fieldChanges(words(was), words(is), '')].filter(matters);
    return fields.length > 0 ? [{ change: 'changed', one: is, fields }] : [];
  });
}

function* fieldChanges(before: unknown, after: unknown, field: string): Generator<FieldChange> {
  if (Object.is(before, after)) return;
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      yield* fieldChanges(before[key], after[key], fieldBelow(field, key));
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      yield* fieldChanges(before[i], after[i], `${field}[${i}]`);
  } else yield { field, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** In the notation of relations. */
function fieldBelow(field: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) return `${field}[${JSON.stringify(key)}]`;
  return field === '' ? key : `${field}.${key}`;
}

export function isDifferent({ resources, relations }: Difference): boolean {
  return resources.length + relations.length > 0;
}
