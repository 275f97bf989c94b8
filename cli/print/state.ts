// What is wrong with a resource, or what is known to be unknown of it, in a word.
import type { Resource } from '../../src/model.ts';
import type { Cell } from './table.ts';

export function stateOf({ annotations, properties }: Resource): Cell {
  if (annotations.missing) return { text: 'missing', style: 'red' };
  if (annotations.unverified) return { text: 'unverified', style: 'yellow' };
  if (annotations.stale) return { text: 'stale', style: 'yellow' };
  return { text: phaseOf(properties) };
}

function phaseOf(properties: unknown): string {
  const { status } = (properties ?? {}) as { readonly status?: { readonly phase?: unknown } | null };
  return typeof status?.phase === 'string' ? status.phase : '';
}
