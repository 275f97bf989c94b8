// One page of a list in bytes. It is parsed on demand, here or in another thread.
//
// Pages reuse memory: allocating outside the heap triggers full garbage collections (../garbage-collection.ts), and the
// lists of a large cluster are hundreds of megabytes.
import { isRecord } from '../../../src/fields.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { ApiFailure } from './api-failure.ts';
import { withoutManagedFields } from './list-text.ts';

export interface Page {
  /** Of every object in the list. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly memory: ArrayBuffer;
  /** Number of bytes in `memory` used by the page. */
  readonly length: number;
}

/** Maximum number of buffers kept for later pages, and maximum size of one. */
const mostSpare = 4;
const largestSpare = 16 << 20;
const usualSize = 1 << 20;
const spare: ArrayBuffer[] = [];
/** Number of these that were not taken since the last call of `freeSpare`. */
let idle = 0;

/** Call when the page is no longer read. Buffers that are not kept are freed at once, without garbage collection. */
export function giveBack(memory: ArrayBuffer): void {
  if (memory.detached) return;
  if (memory.byteLength <= largestSpare && spare.length < mostSpare) spare.push(memory);
  else memory.transfer(0);
}

/** A buffer with at least that many bytes and any content. */
export function takeMemory(atLeast = 0): ArrayBuffer {
  const at = spare.findLastIndex(({ byteLength }) => byteLength >= atLeast);
  const known = at < 0 ? undefined : spare.splice(at, 1)[0];
  idle = Math.min(idle, spare.length);
  return known ?? new ArrayBuffer(Math.max(usualSize, atLeast));
}

/** Frees what was not needed since the last call: lists are read at the start, and seldom later. */
export function freeSpare(): void {
  for (const memory of spare.splice(0, idle)) memory.transfer(0);
  idle = spare.length;
}

/** The page without managedFields, in the same memory. */
export function leanOf(page: Page): Page {
  return { ...page, length: withoutManagedFields(Buffer.from(page.memory, 0, page.length)).length };
}

/**
 * Its objects, freshly parsed, with `apiVersion` and `kind`.
 * @throws ApiFailure 502 if it is not a list: an empty one has an empty array, or null as Go writes it.
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
    throw Object.assign(new ApiFailure(502, 'the API server answered a list that is not JSON'), { cause: error });
  }
  throw new ApiFailure(502, 'the API server answered no list');
}

/** Fields in one order for all origins; metadata-only objects get their real kind. */
export function whole(object: object, apiVersion: string, kind: string): KubernetesObject {
  const made = { apiVersion, kind, ...object };
  made.apiVersion = apiVersion;
  made.kind = kind;
  return made as unknown as KubernetesObject;
}
