// One page of a list as it came: its bytes. They become objects when somebody wants them, here or in another thread.
//
// The memory of a page is used again for the next: what comes and goes outside of the heap makes V8 look through all of the
// heap (../garbage-collection.ts), and a list of a large cluster is hundreds of megabytes.
import { isRecord } from '../../../src/fields.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { ApiFailure } from './api-failure.ts';
import { withoutManagedFields } from './list-text.ts';

export interface Page {
  /** Of every object in it. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly memory: ArrayBuffer;
  /** Bytes of `memory` that are the page's. */
  readonly length: number;
}

/** Kept for the next pages: at most so many, and none that only a page of rare size needs. */
const mostSpare = 4;
const largestSpare = 16 << 20;
const usualSize = 1 << 20;
const spare: ArrayBuffer[] = [];

/** To be called once nobody reads the page any more. What is not kept is let go at once, not when V8 next looks. */
export function giveBack(memory: ArrayBuffer): void {
  if (memory.detached) return;
  if (memory.byteLength <= largestSpare && spare.length < mostSpare) spare.push(memory);
  else memory.transfer(0);
}

/** Memory for at least so many bytes; its content is anything. */
export function takeMemory(atLeast = 0): ArrayBuffer {
  const at = spare.findLastIndex(({ byteLength }) => byteLength >= atLeast);
  return (at < 0 ? undefined : spare.splice(at, 1)[0]) ?? new ArrayBuffer(Math.max(usualSize, atLeast));
}

/** The page without managedFields, in the same memory. */
export function leanOf(page: Page): Page {
  return { ...page, length: withoutManagedFields(Buffer.from(page.memory, 0, page.length)).length };
}

/**
 * Its objects, each a fresh parse with `apiVersion` and `kind` set.
 * @throws ApiFailure 502 when it is no list: an empty one has an empty array, or null as Go writes it.
 */
export function objectsOf({ apiVersion, kind, memory, length }: Page): KubernetesObject[] {
  const { items } = listOf(Buffer.from(memory, 0, length).toString());
  if (items === null) return [];
  if (!Array.isArray(items)) throw new ApiFailure(502, 'the API server answered a list without items');
  return items.map((item: object) => whole(item, apiVersion, kind));
}

/** The fields of a list. */
export function listOf(text: string): { readonly [field: string]: unknown } {
  try {
    const list: unknown = JSON.parse(text);
    if (isRecord(list)) return list;
  } catch (error) {
    throw Object.assign(new ApiFailure(502, 'the API server answered a list that is no JSON'), { cause: error });
  }
  throw new ApiFailure(502, 'the API server answered no list');
}

/** Fields in one order, whichever way the object came; metadata-only ones under their own kind. */
export function whole(object: object, apiVersion: string, kind: string): KubernetesObject {
  const made = { apiVersion, kind, ...object };
  made.apiVersion = apiVersion;
  made.kind = kind;
  return made as unknown as KubernetesObject;
}
