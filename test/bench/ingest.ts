// What health and applications cost where a cluster is first read: the processor time of the store, the rules and the engine
// for every object of a part of census, in one process, with and without what is derived.
//
//     node test/bench/ingest.ts 10    (a tenth of census; --bytes tells memory)
import { applicationDerivation } from '../../master/applications/derivation.ts';
import type { Derivation } from '../../master/graph/engine/derivations.ts';
import { healthDerivation } from '../../master/health/derived/index.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { createGraph } from '../support/random-cluster.ts';
import { generate } from './generate.ts';
import { median } from './http.ts';
import { sizeOf } from './sizes.ts';

const pageSize = Math.max(25, Math.round(500 / Number(process.argv[2] ?? 10)));
/** Number of concurrent lists: see reflectors.ts. */
const atOnce = 4;
const rounds = 3;

const cases: { readonly [name: string]: readonly Derivation[] } = {
  'nothing derived': [],
  health: [healthDerivation],
  'health and applications': [healthDerivation, applicationDerivation],
};

const generated = generate(sizeOf('census', Number(process.argv[2] ?? 10)), 1);
const kindOf = new Map(kinds.map((kind) => [kind.group ? `${kind.plural}.${kind.group}` : kind.plural, kind]));

/** A few kinds at a time, page by page, as reflectors read them. */
function* pages() {
  const known = generated.flatMap((each) => {
    const kind = kindOf.get(each.resource);
    return kind ? [[typeOfKind(kind), { ...each, kind, next: 0 }] as const] : [];
  });
  const waiting = known.sort(([a], [b]) => (a < b ? -1 : 1));
  const open = waiting.splice(0, atOnce);
  while (open.length > 0) {
    for (const [at, [, each]] of [...open.entries()].reverse()) {
      yield { kind: each.kind, objects: pageOf(each) };
      if (each.next >= each.count) open.splice(at, 1, ...waiting.splice(0, 1));
    }
  }
}

function pageOf(each: { kind: Kind; next: number; readonly count: number; object(index: number): Buffer }) {
  const { kind, count } = each;
  const objects: KubernetesObject[] = [];
  for (const end = Math.min(count, each.next + pageSize); each.next < end; each.next++) {
    const object = JSON.parse(String(each.object(each.next))) as KubernetesObject;
    objects.push({ ...object, apiVersion: kind.group ? `${kind.group}/v1` : 'v1', kind: kind.kind });
  }
  return objects;
}

const all = [...pages()];
const shows = process.argv.includes('--bytes');

/** Seconds of processor. */
async function ingested(derivations: readonly Derivation[]): Promise<number> {
  const { store, engine } = createGraph(() => 0, { derivations, derivesLater: true });
  const lists = new Map(kinds.map((kind) => [typeOfKind(kind), store.sinkOf(kind).list()]));
  const before = process.cpuUsage();
  for (const { kind, objects } of all) await lists.get(typeOfKind(kind))?.page(objects);
  for (const list of lists.values()) await list.commit('1');
  for (const _ of engine.derive());
  const { user, system } = process.cpuUsage(before);
  if (shows) process.stderr.write(`${JSON.stringify(engine.bytes.size())} ${engine.order.size}\n`);
  return (user + system) / 1e6;
}

await ingested([healthDerivation, applicationDerivation]);
const seconds = Object.keys(cases).map(() => [] as number[]);
for (let n = 0; n < rounds; n++)
  for (const [i, derivations] of Object.values(cases).entries()) {
    globalThis.gc?.();
    seconds[i]?.push(await ingested(derivations));
  }
const base = median(seconds[0] ?? []);
for (const [i, name] of Object.keys(cases).entries()) {
  const each = median(seconds[i] ?? []);
  const least = Math.min(...(seconds[i] ?? []));
  const share = (((each - base) / base) * 100).toFixed(1);
  process.stdout.write(`${name}: ${each.toFixed(2)} s (least ${least.toFixed(2)}), ${share} % more\n`);
}
