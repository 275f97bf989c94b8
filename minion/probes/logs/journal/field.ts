// The payload of a data object: NAME=value, perhaps compressed. Pure.
import { zstdDecompressSync } from 'node:zlib';
import { compressions } from './layout.ts';

export const wantedFields = [
  'MESSAGE',
  'PRIORITY',
  '_SYSTEMD_UNIT',
  '_SYSTEMD_CGROUP',
  '_TRANSPORT',
  'CONTAINER_ID_FULL',
] as const;
export type FieldName = (typeof wantedFields)[number];

export interface Field {
  readonly name: FieldName;
  readonly value: string;
}

/** Maximum bytes of a value; the rest is cut. */
export const longestValue = 65_536;
/** Maximum bytes of a compressed field, before and after. */
export const longestCompressed = 262_144;
const longestExpanded = 1_048_576;
export const longestName = Math.max(...wantedFields.map((name) => name.length));

/** The name if it is wanted. `start`: at least `longestName + 1` bytes of the payload, or all. */
export function wantedName(start: Buffer): FieldName | undefined {
  const head = start.toString('latin1', 0, longestName + 1);
  return wantedFields.find((name) => head.startsWith(`${name}=`));
}

/** Undefined for other fields. */
export function fieldOf(payload: Buffer): Field | undefined {
  const name = wantedName(payload);
  if (name === undefined) return undefined;
  const from = name.length + 1;
  return { name, value: payload.toString('utf8', from, Math.min(payload.length, from + longestValue)) };
}

/** Undefined if it cannot be expanded here: XZ, LZ4, broken, or too large. */
export function expand(payload: Buffer, flags: number): Buffer | undefined {
  if ((flags & compressions.zstd) === 0) return undefined;
  try {
    return zstdDecompressSync(payload, { maxOutputLength: longestExpanded });
  } catch {
    return undefined;
  }
}
