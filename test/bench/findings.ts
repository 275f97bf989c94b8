// The cost of findings on a part of census, in one process: the first round, compared with reading that part; one change; and
// memory.
import { applicationDerivation } from '../../master/applications/derivation.ts';
import { findingRules } from '../../master/findings/index.ts';
import { Findings } from '../../master/findings/kept/findings.ts';
import { healthDerivation } from '../../master/health/derived/index.ts';
import { kinds } from '../../master/kinds/index.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { createGraph } from '../support/random-cluster.ts';
import { generate } from './generate.ts';
import { percentile } from './http.ts';
import { sizeOf } from './sizes.ts';
import { mib, ms, type Row, seconds } from './table.ts';

const pageSize = 500;
const changes = 500;
/** Types of which some change. */
const changing = ['Pod', 'Deployment', 'ConfigMap'] as const;
const target = { share: 0.1, change: 1, memory: 40 << 20 } as const;

export async function findingRows(parts: number, seed = 1): Promise<readonly Row[]> {
  const read = await readCensus(parts, seed);
  const { engine, samples, store } = read;
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const findings = new Findings({ graph: engine, rules: findingRules, clock: Date.now, sparesAdvice: true });
  findings.follow(() => {});
  const made = processorTime(() => {
    for (const _ of findings.make());
  });
  globalThis.gc?.();
  const held = process.memoryUsage().heapUsed - before;
  const found = [...findings.all()].length;
  const times = changing.map((type) => {
    const sink = store.sinkOf(kindOf(type));
    const some = samples.get(type) ?? [];
    return { type, ms: timesOf(findings, some, (object, n) => sink.event('MODIFIED', changed(object, n))) };
  });
  findings.keepAdvice(true);
  const advised = processorTime(() => {
    for (const _ of findings.renew());
  });
  const label = parts === 1 ? 'census' : `census/${parts}`;
  const share = made / read.took;
  return [
    {
      figure: `${label}: findings at the start`,
      target: '≤ 10 % of reading',
      measured: seconds(made * 1000),
      yardstick: `${seconds(read.took * 1000)} of the processor to read ${engine.order.size} resources; ${found} findings`,
      ratio: share,
      met: share <= target.share,
    },
    ...times.map(({ type, ms: each }) => {
      const p95 = percentile(each, 0.95);
      return {
        figure: `${label}: findings, one change of a ${type}`,
        target: 'p95 ≤ 1 ms',
        measured: ms(p95),
        yardstick: `${each.length} changes, the longest ${ms(Math.max(...each))}`,
        ratio: p95,
        met: p95 <= target.change,
      };
    }),
    {
      figure: `${label}: findings, memory`,
      target: parts === 1 ? '≤ 40 MiB' : `≤ ${mib(target.memory / parts)}, that share of 40 MiB`,
      measured: mib(held),
      yardstick: `${found} findings of ${engine.order.size} resources${globalThis.gc ? '' : '; without --expose-gc this is but a bound'}`,
      ratio: (held * parts) / target.memory,
      met: held <= target.memory / parts,
    },
    {
      figure: `${label}: findings, advice once somebody asks for it`,
      target: '–',
      measured: seconds(advised * 1000),
      yardstick: `${[...findings.all()].length - found} findings more`,
      met: undefined,
    },
  ];
}

/** Milliseconds that findings took after each of some changes. */
function timesOf(
  findings: Findings,
  objects: readonly KubernetesObject[],
  change: (object: KubernetesObject, n: number) => void,
): number[] {
  const times: number[] = [];
  for (let n = 0; n < changes; n++) {
    const object = objects[(n * 7919) % objects.length];
    if (!object) break;
    change(object, n);
    const began = performance.now();
    for (const _ of findings.renew());
    times.push(performance.now() - began);
  }
  return times;
}

/** Seconds of processor. */
function processorTime(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function kindOf(type: string) {
  const found = kinds.find((kind) => typeOfKind(kind) === type);
  if (!found) throw new Error(`no kind ${type}`);
  return found;
}

/** A ConfigMap changes what it holds: that is what its readers ask. */
function changed(object: KubernetesObject, n: number): KubernetesObject {
  const copy = structuredClone(object) as Changing;
  copy.metadata.resourceVersion = `changed-${n}`;
  Object.assign(copy.metadata, { labels: { ...copy.metadata.labels, changed: String(n) } });
  if (copy.data) copy.data = { ...copy.data, changed: String(n) };
  return copy;
}

type Changing = KubernetesObject & { data?: object; metadata: { resourceVersion?: string; labels?: object } };

export async function readCensus(parts: number, seed: number) {
  const { store, engine } = createGraph(Date.now, {
    derivations: [healthDerivation, applicationDerivation],
    derivesLater: true,
  });
  const samples = new Map<string, KubernetesObject[]>(changing.map((type) => [type, []]));
  const before = process.cpuUsage();
  const named = new Map(kinds.map((kind) => [kind.group ? `${kind.plural}.${kind.group}` : kind.plural, kind]));
  for (const each of generate(sizeOf('census', parts), seed)) {
    const kind = named.get(each.resource);
    if (!kind) continue;
    const sink = store.sinkOf(kind);
    const list = sink.list();
    for (let next = 0; next < each.count; next += pageSize) {
      const page = Array.from({ length: Math.min(pageSize, each.count - next) }, (_, i) => {
        const object = JSON.parse(String(each.object(next + i))) as KubernetesObject;
        return { ...object, apiVersion: kind.group ? `${kind.group}/v1` : 'v1', kind: kind.kind };
      });
      const some = samples.get(kind.kind);
      if (some && some.length < 1000) some.push(...page.slice(0, 50).map((each) => structuredClone(each)));
      await list.page(page);
    }
    await list.commit('1');
    sink.state('synced');
  }
  for (const kind of kinds) store.sinkOf(kind).state('synced');
  for (const _ of engine.derive());
  const { user, system } = process.cpuUsage(before);
  return { engine, store, samples, took: (user + system) / 1e6 };
}
