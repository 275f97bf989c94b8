// The id of an object as it came: any of it may be absent or of another shape.
import { resourceId } from '../../src/ids.ts';

/** Undefined for what has no name that an id could be made of. */
export function idOf(type: string, object: unknown): string | undefined {
  const { metadata } = (object ?? {}) as { readonly metadata?: unknown };
  const { name, namespace } = (metadata ?? {}) as { readonly name?: unknown; readonly namespace?: unknown };
  if (typeof name !== 'string' || name === '') return undefined;
  if (typeof namespace === 'string') return resourceId(type, name, namespace);
  return namespace === undefined || namespace === null ? resourceId(type, name) : undefined;
}
