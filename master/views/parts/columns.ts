// Annotations as a table, for forms that must declare typed attributes first.
import type { Relation, Resource } from '../../../src/model.ts';
import { every, type Steps } from '../../../src/steps.ts';
import { displayLabel } from './display.ts';
import { namespaceOf } from './namespace.ts';

export type Scalar = string | number | boolean;

export interface Column<Item> {
  readonly name: string;
  readonly type: 'string' | 'double' | 'boolean';
  of(item: Item): Scalar | undefined;
}

/** id, type, label, namespace, timestamp, then all annotations by name. */
export function* resourceColumns(resources: readonly Resource[]): Steps<readonly Column<Resource>[]> {
  return [
    { name: 'id', type: 'string', of: ({ id }) => id },
    { name: 'type', type: 'string', of: ({ type }) => type },
    { name: 'label', type: 'string', of: ({ annotations }) => displayLabel(annotations) },
    { name: 'namespace', type: 'string', of: ({ id }) => namespaceOf(id) },
    { name: 'timestamp', type: 'string', of: ({ timestamp }) => timestamp },
    ...(yield* annotationColumns(resources, new Set(['id', 'type', 'label', 'namespace', 'timestamp']))),
  ];
}

/** type, timestamp, then all annotations by name. */
export function* relationColumns(relations: readonly Relation[]): Steps<readonly Column<Relation>[]> {
  return [
    { name: 'type', type: 'string', of: ({ type }) => type },
    { name: 'timestamp', type: 'string', of: ({ timestamp }) => timestamp },
    ...(yield* annotationColumns(relations, new Set(['type', 'timestamp', 'label']))),
  ];
}

/** Resources or relations examined between two pauses. */
const often = 256;

interface Annotated {
  readonly annotations: { readonly [name: string]: unknown };
}

function* annotationColumns<Item extends Annotated>(items: readonly Item[], taken: Set<string>): Steps<Column<Item>[]> {
  const types = new Map<string, Column<Item>['type']>();
  const pause = every(often);
  for (const { annotations } of items) {
    for (const [name, value] of Object.entries(annotations)) {
      if (taken.has(name) || value === undefined) continue;
      const type = typeOfValue(value);
      types.set(name, (types.get(name) ?? type) === type ? type : 'string');
    }
    if (pause()) yield;
  }
  const sorted = [...types].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, type]) => ({
    name,
    type,
    of: ({ annotations }) => (Object.hasOwn(annotations, name) ? scalarOf(annotations[name]) : undefined),
  }));
}

function typeOfValue(value: unknown): 'string' | 'double' | 'boolean' {
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'number' ? 'double' : 'string';
}

/** Lists and objects as JSON. */
export function scalarOf(value: unknown): Scalar | undefined {
  if (value === undefined || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return JSON.stringify(value);
}
