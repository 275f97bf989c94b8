// One object of the fake API server as bytes: serialized once, then only sliced and joined. The bytes lack `kind` and
// `apiVersion`, and `metadata` comes first, so that list items, watch frames of any version and bare metadata are slices of
// them.
import type { KubernetesObject } from '../../model.ts';

export interface Stored {
  /** `namespace/name` or just the name; also the sort key of a list, as in etcd. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: number;
  /** `{"metadata":{…},…}` */
  readonly bytes: Buffer;
  /** End of the value of `metadata` in `bytes`; it starts at `metadataStart`. */
  readonly metadataEnd: number;
}

const opening = '{"metadata":';
/** Start of the value of `metadata` in an object's bytes. */
export const metadataStart = opening.length;

export function keyOf(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** Serializes an object without `kind` and `apiVersion`. */
export function store(object: KubernetesObject): Stored {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const meta = JSON.stringify(metadata);
  const body = JSON.stringify(rest);
  const bytes = Buffer.from(`${opening}${meta}${body === '{}' ? '}' : `,${body.slice(1)}`}`);
  return describe(metadata, bytes, metadataStart + Buffer.byteLength(meta));
}

/** Uses an object's bytes unchanged if their shape allows, without parsing. */
export function storeBytes(source: Buffer): Stored {
  const start = afterTypeMeta(source);
  if (start === undefined) return store(JSON.parse(source.toString()) as KubernetesObject);
  const bytes = start === 1 ? source : Buffer.concat([Buffer.from('{'), source.subarray(start)]);
  const end = endOfValue(bytes, metadataStart);
  return describe(JSON.parse(bytes.toString('utf8', metadataStart, end)) as KubernetesObject['metadata'], bytes, end);
}

/** The object with `kind` and `apiVersion`. */
export function read(stored: Stored, kind: string, apiVersion: string): KubernetesObject {
  return { kind, apiVersion, ...(JSON.parse(stored.bytes.toString()) as KubernetesObject) };
}

/** The metadata only. */
export function readMetadata(stored: Stored): KubernetesObject['metadata'] {
  return JSON.parse(stored.bytes.toString('utf8', metadataStart, stored.metadataEnd)) as KubernetesObject['metadata'];
}

function describe(metadata: KubernetesObject['metadata'], bytes: Buffer, metadataEnd: number): Stored {
  const namespace = metadata.namespace ?? '';
  const key = keyOf(namespace, metadata.name);
  return { key, namespace, name: metadata.name, version: Number(metadata.resourceVersion ?? 0), bytes, metadataEnd };
}

const typeMeta = /^\{(?:"(?:kind|apiVersion)":"[^"\\]*",){0,2}"metadata":\{/;

/** Offset of `"metadata":{` if only `kind` and `apiVersion` precede it. */
function afterTypeMeta(source: Buffer): number | undefined {
  const found = typeMeta.exec(source.toString('latin1', 0, Math.min(source.length, 512)));
  return found ? found[0].length - '"metadata":{'.length : undefined;
}

const quote = 0x22;
const backslash = 0x5c;

/** Offset after the JSON object that starts at `from`. */
function endOfValue(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) at = endOfString(bytes, at);
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
  }
  throw new Error('an object that does not end');
}

/** A plain loop: strings are short, and a native search for each costs more. */
function endOfString(bytes: Buffer, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === backslash) at++;
    else if (byte === quote) return at;
  }
  throw new Error('a string that does not end');
}
