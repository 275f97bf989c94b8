// Rows shared by several tools: a resource, and a relation.
import { Type } from 'typebox';
import type { Relation } from '../../../src/model.ts';
import type { Facts } from '../facts.ts';
import { quoted, shown, shownId } from '../shown.ts';
import type { Row } from './tool.ts';

const text = Type.Optional(Type.String());
const flag = Type.Optional(Type.Boolean());

export const resourceRow = { id: Type.String(), state: text, reason: text, label: text };

/** `missing`, `unverified`, `absent`, or the health; undefined without. */
export function stateOf({ annotations: { missing, absent, unverified, stale, health } }: Facts): string | undefined {
  if (missing) return 'missing';
  if (absent) return 'absent';
  if (unverified) return 'unverified';
  return health?.state ?? (stale ? 'stale' : undefined);
}

export function resourceRowOf(facts: Facts): Row {
  const { label, health, absent } = facts.annotations;
  const reason = health?.reason || absent;
  const state = stateOf(facts);
  return {
    id: shownId(facts.id),
    ...(state === undefined ? {} : { state }),
    ...(reason ? { reason: shown(reason) } : {}),
    ...(facts.id.endsWith(label) ? {} : { label: shown(label) }),
  };
}

export function resourceLine({ id = '', state, reason, label }: Row): string {
  const name = label === undefined ? '' : ` labelled ${quoted(String(label))}`;
  const why = reason === undefined ? '' : ` ${quoted(String(reason))}`;
  return `${quoted(String(id))}${state === undefined ? '' : ` ${String(state)}`}${why}${name}`;
}

export const relationRow = {
  source: Type.String(),
  relation: Type.String(),
  target: Type.String(),
  field: text,
  missing: flag,
  unverified: flag,
  optional: flag,
  ready: flag,
};

/** Unknown spans, if any. */
export function gapsText(gaps: readonly { readonly from: string; readonly to: string; readonly reason: string }[]) {
  const told = gaps.slice(0, 3).map(({ from, to, reason }) => `${from} to ${to} (${reason})`);
  const rest = gaps.length - told.length;
  return gaps.length === 0 ? {} : { notKnown: rest > 0 ? [...told, `${rest} more spans`] : told };
}

const flags = ['missing', 'unverified', 'optional', 'ready'] as const;

export function relationRowOf({ source, type, target, annotations }: Relation): Row {
  const { field } = annotations;
  return {
    source: shownId(source),
    relation: type,
    target: shownId(target),
    ...(field ? { field: shown(field) } : {}),
    ...Object.fromEntries(
      flags.flatMap((flag) => (typeof annotations[flag] === 'boolean' ? [[flag, annotations[flag]]] : [])),
    ),
  };
}

export function relationLine(row: Row): string {
  const { source, relation, target, field } = row;
  const notes = flags.flatMap((flag) => (row[flag] === undefined ? [] : [row[flag] ? flag : `not ${flag}`]));
  const why = field === undefined ? '' : ` by ${quoted(String(field))}`;
  return `${quoted(String(source))} ${String(relation)} ${quoted(String(target))}${why}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
}
