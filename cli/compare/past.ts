// A master's difference between two moments, in the form of `diff`.
import { parseId } from '../../src/ids.ts';
import type { Relation, Resource } from '../../src/model.ts';
import type { Difference, FieldChange, ResourceDifference } from './compare.ts';

export interface PastDifference {
  readonly from: { readonly timestamp: string };
  readonly to: { readonly timestamp: string };
  readonly resources: {
    readonly added: readonly Pick<Resource, 'id' | 'type'>[];
    readonly changed: readonly Pick<Resource, 'id' | 'type'>[];
    readonly removed: readonly string[];
  };
  readonly relations: {
    readonly added: readonly Relation[];
    readonly changed: readonly Relation[];
    readonly removed: readonly Pick<Relation, 'type' | 'source' | 'target'>[];
  };
  readonly changes: { readonly [id: string]: Observed };
  readonly gaps: readonly Gap[];
}

export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

interface Observed {
  readonly observed: string;
  readonly paths?: readonly PathChange[];
}

interface PathChange {
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
  /** A value that is too long is told as a text: a part of it. */
  readonly cut?: true;
}

/** `ignored`: fields that are ignored with everything below. */
export function differenceOf(past: PastDifference, ignored: readonly string[] = []): Difference {
  const { resources, relations, changes } = past;
  const isKept = ({ field }: FieldChange) =>
    !ignored.some((each) => field === each || (field.startsWith(each) && /^[.[]/.test(field.slice(each.length))));
  const changed = resources.changed.flatMap(({ id, type }): ResourceDifference[] => {
    const fields = (changes[id]?.paths ?? []).map(fieldChangeOf).filter(isKept);
    return fields.length > 0 ? [{ change: 'changed', id, type, fields }] : [];
  });
  return {
    resources: [
      ...resources.added.map(({ id, type }) => ({ change: 'added', id, type }) as const),
      ...resources.removed.map((id) => ({ change: 'removed', id, type: parseId(id).type }) as const),
      ...changed,
    ].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    relations: [
      ...relations.added.map((each) => ({ change: 'added', ...endsOf(each), field: each.annotations.field }) as const),
      ...relations.removed.map((each) => ({ change: 'removed', ...endsOf(each), field: '' }) as const),
      ...relations.changed.map(
        (each) => ({ change: 'changed', ...endsOf(each), field: each.annotations.field }) as const,
      ),
    ],
  };
}

function endsOf({ type, source, target }: Pick<Relation, 'type' | 'source' | 'target'>) {
  return { type, source, target };
}

function fieldChangeOf({ path, from, to, cut }: PathChange): FieldChange {
  return {
    field: fieldOf(path),
    ...(from === undefined ? {} : { before: from }),
    ...(to === undefined ? {} : { after: to }),
    ...(cut ? { cut } : {}),
  };
}

/** `/properties/spec/containers/0/image` in the notation of relations: `spec.containers[0].image`. */
export function fieldOf(pointer: string): string {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const [first, ...rest] = parts;
  const own = first === 'properties' && rest.length > 0 ? rest : parts;
  return own.reduce((field, part) => {
    if (/^\d+$/.test(part)) return `${field}[${part}]`;
    if (!/^[\w$-]+$/.test(part)) return `${field}[${JSON.stringify(part)}]`;
    return field === '' ? part : `${field}.${part}`;
  }, '');
}
