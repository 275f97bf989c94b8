// The id of a raw object, any field of which may be missing or malformed.
import { resourceId } from '../../src/ids.ts';

/** Undefined if it has no valid name. */
export function idOf(type: string, object: unknown): string | undefined {
  const { metadata } = (object ?? {}) as { readonly metadata?: unknown };
  const { name, namespace } = (metadata ?? {}) as { readonly name?: unknown; readonly namespace?: unknown };
  if (typeof name !== 'string' || name === '') return undefined;
  if (typeof namespace === 'string') return resourceId(type, name, namespace);
  return namespace === undefined || namespace === null ? resourceId(type, name) : undefined;
}
