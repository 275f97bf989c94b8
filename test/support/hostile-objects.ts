// Objects that no API server would send: recorded ones with arbitrary values in arbitrary places. Custom resources come close.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { root } from './source-tree.ts';

export interface Recorded {
  readonly kind: Kind;
  readonly object: KubernetesObject;
}

const folder = join(root, 'src/demo/recorded/kubernetes');

/** All recorded objects of followed kinds, with `kind` and `apiVersion` set as the reflector does. */
export function recordedObjects(): Recorded[] {
  return readdirSync(folder)
    .filter((name) => name.includes('__'))
    .flatMap((name) => {
      const list = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      const itemKind = list.kind.replace(/List$/, '');
      const type = typeOfReference(list.apiVersion, itemKind);
      const kind = kinds.find((each) => typeOfKind(each) === type);
      if (!kind) return [];
      return list.items.map((item: object) => ({
        kind,
        object: { ...item, kind: itemKind, apiVersion: list.apiVersion },
      }));
    });
}

const deep = (levels: number): unknown => {
  let value: unknown = 'x';
  for (let i = 0; i < levels; i++) value = i % 2 ? [value] : { value };
  return value;
};

/** As JSON text, because only a parser creates a key `__proto__`. */
const junk: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'null',
    '0',
    '-1',
    'true',
    '""',
    '[]',
    '{}',
    '[null]',
    '[[]]',
    '{"":{}}',
    '1e999',
    '"\\ud800"',
    '"a\\u0000b"',
  ),
  fc.constantFrom(
    '{"__proto__":{"x":1}}',
    '{"__proto__":"x"}',
    '{"constructor":"x","toString":"y"}',
    '"__proto__"',
    '["__proto__"]',
  ),
  fc.constantFrom(
    '"a\\nb"',
    '"\\"quoted\\""',
    '"../../etc"',
    '"a/b:c@d"',
    '"<script>"',
    '"\\u2028"',
    '"]]>"',
    '"node"',
  ),
  fc.constant(JSON.stringify('x'.repeat(1 << 20))),
  fc.constant(JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`label-${i}`, `${i}`])))),
  fc.constant(JSON.stringify(deep(200))),
  fc.json(),
);

type Path = readonly (string | number)[];

function* paths(value: unknown, at: Path = []): Generator<Path> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const path = [...at, Array.isArray(value) ? Number(key) : key];
    yield path;
    yield* paths((value as { [key: string]: unknown })[key], path);
  }
}

function put(object: object, path: Path, value: unknown): void {
  let at = object as { [key: string | number]: unknown };
  for (const step of path.slice(0, -1)) at = at[step] as typeof at;
  const key = path.at(-1) as string | number;
  Object.defineProperty(at, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A recorded object with junk in one to three places, or just junk. */
export const hostile: fc.Arbitrary<Recorded> = fc
  .record({
    base: fc.constantFrom(...recordedObjects()),
    wounds: fc.array(fc.record({ at: fc.nat(), value: junk }), { minLength: 1, maxLength: 3 }),
    whole: fc.option(junk, { freq: 20, nil: undefined }),
  })
  .map(({ base: { kind, object }, wounds, whole }) => {
    if (whole !== undefined) return { kind, object: JSON.parse(whole) as KubernetesObject };
    const wounded = structuredClone(object) as KubernetesObject;
    for (const { at, value } of wounds) {
      const all = [...paths(wounded)];
      put(wounded, all[at % all.length] ?? ['metadata'], JSON.parse(value));
    }
    // The reflector sets these on every object.
    return { kind, object: { ...wounded, kind: object.kind, apiVersion: object.apiVersion } as KubernetesObject };
  });
