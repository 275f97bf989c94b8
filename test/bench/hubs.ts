// The cost of one event at a hub: a Node with 100,000 Pods, a selector that matches thousands, an image with thousands of names.
// It is compared with a hundred hubs of a hundredth of the size, so that both clusters are equally large, since larger memory is
// slower. All in this process, through the store, the rules and the engine.
import { setImmediate } from 'node:timers/promises';
import { buildGraph } from '../../master/build-graph.ts';
import { capture, type Snapshot } from '../../master/graph/revisions/snapshot.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { median } from './http.ts';
import { ms, type Row } from './table.ts';

type Fields = { readonly [field: string]: unknown };

/** An action of reflectors, prepared in advance: only its execution is measured. */
type Act = () => void | Promise<void>;

interface Figure {
  readonly name: string;
  /**
   * `one`: total time, which must not depend on the hub's size. `each`: time per resource at the hub, if all of them must change.
   * `turn`: longest time without giving others a turn.
   */
  readonly of: 'one' | 'each' | 'turn';
  readonly times: number;
  /** `n` counts the runs. */
  readonly acts: (cluster: Cluster, n: number) => readonly Act[];
}

interface Shape {
  readonly name: string;
  /** Number of resources at the hub. */
  readonly size: number;
  /** What it is compared with: a hundred hubs of a hundredth of the size, or one of them alone. */
  readonly beside: 'a hundred' | 'one';
  /** Number of Pods, if the resources at the hub are not Pods. */
  readonly pods?: number;
  readonly pod?: PodMaker;
  /** The hub of each group with its objects. */
  readonly others: (group: number, size: number) => readonly KubernetesObject[];
  readonly figures: readonly Figure[];
}

/** A graph with a follower. The Pods `i`, `i + groups`, … are at one hub. */
interface Cluster {
  readonly size: number;
  readonly groups: number;
  readonly pods: number;
  pod(i: number, more?: Fields): KubernetesObject;
  there(object: KubernetesObject): Act;
  gone(object: KubernetesObject): Act;
  /** Lists all Pods. */
  listed(pods: readonly KubernetesObject[]): Act;
  /** Starts reading everything, and continues until the next reader starts. */
  read(): void;
}

const parts = 100;
const pageSize = 500;

function createCluster({ pods, pod = plain }: Shape, size: number, groups: number): Cluster {
  const about = { clusterName: 'hubs', version: '0', namespaces: [], keepValues: false, logger: silentLogger };
  const { store, engine } = buildGraph(about);
  let reader: Snapshot | undefined;
  let version = 0;
  const stamped = ({ metadata, ...rest }: KubernetesObject): KubernetesObject =>
    structuredClone({ ...rest, metadata: { uid: metadata.name, ...metadata, resourceVersion: String(++version) } });
  const sinkOf = ({ kind }: { readonly kind?: string }) =>
    store.sinkOf(kinds.find((each) => each.kind === kind) as Kind);
  for (const kind of kinds) store.sinkOf(kind).state('synced');
  engine.changes.record();
  return {
    size,
    groups,
    pods: pods ?? size * groups,
    pod: (i, more) => pod(i, i % groups, more),
    there(object) {
      const fresh = stamped(object);
      return () => sinkOf(object).event('MODIFIED', fresh);
    },
    gone(object) {
      const fresh = stamped(object);
      return () => sinkOf(object).event('DELETED', fresh);
    },
    listed(pods) {
      const fresh = pods.map(stamped);
      return async () => {
        const list = sinkOf({ kind: 'Pod' }).list();
        for (let i = 0; i < fresh.length; i += pageSize) {
          void list.page(fresh.slice(i, i + pageSize));
          // A real page is awaited too.
          await setImmediate();
        }
        await list.commit('1');
      };
    },
    read() {
      reader?.release();
      reader = capture(engine);
    },
  };
}

function object(kind: string, metadata: Fields, rest: Fields = {}): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata, ...rest } as unknown as KubernetesObject;
}

type PodMaker = (i: number, group: number, more?: Fields) => KubernetesObject;

const labels = { app: 'web', tier: 'front' };
const imageOf = (group: number) => `shop/web-${group}:1`;
const spaceOf = (group: number) => `shop-${group}`;
const digestOf = (group: number) => `sha256:${String(group).padStart(64, 'a')}`;

/** A Pod with the same references as all other Pods of its group. */
const plain: PodMaker = (i, group, { image = imageOf(group), restartCount = 0, ...more } = {}) => {
  const container = { name: 'main', image, envFrom: [{ configMapRef: { name: 'settings' } }] };
  const named = { nodeName: `node-${group}`, serviceAccountName: 'account', priorityClassName: `class-${group}` };
  const status = { name: 'main', image, imageID: `shop/web@${digestOf(group)}`, restartCount, ready: true };
  return object(
    'Pod',
    { name: `pod-${i}`, namespace: spaceOf(group), labels, ...more },
    { spec: { ...named, containers: [container] }, status: { phase: 'Running', containerStatuses: [status] } },
  );
};

/** A Pod that runs its group's image under another name. */
const mirrored: PodMaker = (i, group, more = {}) => plain(i, group, { image: `mirror-${i}/web:1`, ...more });

const nodeOf = (group: number) => object('Node', { name: `node-${group}` });
const namespaceOf = (group: number) => object('Namespace', { name: spaceOf(group) });

function hubsOf(group: number): readonly KubernetesObject[] {
  const namespace = spaceOf(group);
  return [
    nodeOf(group),
    namespaceOf(group),
    object('ServiceAccount', { name: 'account', namespace }),
    object('ConfigMap', { name: 'settings', namespace }),
    object('PriorityClass', { name: `class-${group}` }),
  ];
}

const serviceOf = (group: number) =>
  object('Service', { name: 'web', namespace: spaceOf(group) }, { spec: { selector: labels } });
const policyOf = (group: number) =>
  object('NetworkPolicy', { name: 'all', namespace: spaceOf(group) }, { spec: { podSelector: {} } });

/**
 * A policy in another namespace that allows traffic from namespaces with its label: with one value, with one of two, or with any.
 */
function chooser(i: number): KubernetesObject {
  const key = `tenant-${i}`;
  const expressions = [
    { key, operator: 'In', values: ['a'] },
    { key, operator: 'In', values: ['a', 'b'] },
    { key, operator: 'Exists' },
  ];
  const from = [{ namespaceSelector: { matchExpressions: [expressions[i % 3]] }, podSelector: {} }];
  const spec = { podSelector: { matchLabels: { app: 'none' } }, ingress: [{ from }] };
  return object('NetworkPolicy', { name: `chooser-${i}`, namespace: 'other' }, { spec });
}

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const withMeta = (one: KubernetesObject, metadata: object) => ({ ...one, metadata: { ...one.metadata, ...metadata } });

/** The Pods of the hub in turn, as in a real cluster: the same one would stay in the processor's cache. */
const some = (n: number, { pods, groups }: Cluster) => ((n * 7919) % Math.max(1, Math.floor(pods / groups))) * groups;

const figure =
  (of: Figure['of'], usually: number) =>
  (name: string, acts: Figure['acts'], times = usually): Figure => ({ name, of, acts, times });
const one = figure('one', 500);
const each = figure('each', 3);
const turn = figure('turn', 3);

const goesAndComesBack: Figure['acts'] = (cluster, n) => {
  const victim = cluster.pod(some(n, cluster));
  return [cluster.gone(victim), cluster.there(victim)];
};

const podFigures = [
  one('a Pod changes', (cluster, n) => [cluster.there(cluster.pod(some(n, cluster), { restartCount: n + 1 }))]),
  one('a Pod goes and comes back', goesAndComesBack),
  one('a Pod loses a label and gets it again', (cluster, n) => {
    const i = some(n, cluster);
    return [cluster.there(cluster.pod(i, { labels: { tier: 'front' } })), cluster.there(cluster.pod(i))];
  }),
];

const ownFigures = (hub: KubernetesObject) => [
  one(`the ${hub.kind} changes`, ({ there }, n) => [there(withMeta(hub, { annotations: { n: `${n}` } }))]),
  each(`the ${hub.kind} goes and comes back`, ({ gone, there }) => [gone(hub), there(hub)]),
];

const relabelled = (name: string, labels: Fields) =>
  one(name, ({ there }) => [there(withMeta(namespaceOf(0), { labels })), there(namespaceOf(0))], 100);

const unseen: Figure['acts'] = ({ listed, pods, pod }) => [listed([]), listed(many(pods, (i) => pod(i)))];

const shapes: readonly Shape[] = [
  {
    name: '100,000 Pods that name one of each',
    size: 100_000,
    beside: 'a hundred',
    others: hubsOf,
    figures: [
      ...podFigures,
      ...hubsOf(0).flatMap(ownFigures),
      one('their Image gets another name, and loses it', ({ there, pod }) => [
        there(pod(0, { image: 'shop/other:1' })),
        there(pod(0)),
      ]),
      one('a Pod goes and comes back while somebody reads', (cluster, n) => {
        cluster.read();
        return goesAndComesBack(cluster, n);
      }),
    ],
  },
  {
    name: '5,000 Pods of one Service',
    size: 5_000,
    beside: 'a hundred',
    others: (group) => [...hubsOf(group), serviceOf(group)],
    figures: [
      ...podFigures,
      ...ownFigures(serviceOf(0)),
      each('their Node and all of them go, one after the other, and come back', (cluster) => {
        const all = [nodeOf(0), ...many(cluster.size, (i) => cluster.pod(i * cluster.groups))];
        return [...all.map(cluster.gone), ...all.map(cluster.there)];
      }),
    ],
  },
  {
    name: '20,000 Pods under one NetworkPolicy',
    size: 20_000,
    beside: 'a hundred',
    others: (group) => [...hubsOf(group), policyOf(group)],
    figures: [...podFigures, ...ownFigures(policyOf(0))],
  },
  {
    name: '1,000 selectors of namespaces',
    size: 1_000,
    beside: 'one',
    pods: 100,
    others: (group, size) => [...hubsOf(group), ...many(size, chooser)],
    figures: [
      ...podFigures,
      relabelled('the Namespace of 100 Pods gets a label that one of them asks for, and loses it', { 'tenant-3': 'a' }),
      relabelled('it gets a label that none of them asks for, and loses it', { other: 'a' }),
    ],
  },
  {
    name: '4,000 names of one image',
    size: 4_000,
    beside: 'a hundred',
    pod: mirrored,
    others: hubsOf,
    figures: [
      ...podFigures.slice(0, 1),
      each('one name more, and it goes', ({ there, gone, pods, pod }) => [there(pod(pods)), gone(pod(pods))], 50),
      one('lists without any of its Pods, and with all 4,000 again', unseen, 5),
    ],
  },
  {
    name: '100,000 Pods go and come back while nobody looks',
    size: 100_000,
    beside: 'one',
    others: hubsOf,
    figures: [each('the two lists', unseen, 1), turn('the longest turn', unseen)],
  },
];

/** Calls `say` with a row per figure and shape. `divide` reduces the sizes, `mostTimes` bounds the repetitions. */
export async function hubRows(
  say: (row: Row) => void,
  divide = 1,
  mostTimes: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (const shape of shapes) {
    const large = await built(shape, shape.size / divide, 1);
    const small = await built(shape, shape.size / divide / parts, shape.beside === 'one' ? 1 : parts);
    for (const { times, ...figure } of shape.figures)
      say(await rowOf(shape, { ...figure, times: Math.min(times, mostTimes) }, large, small));
  }
}

async function built(shape: Shape, size: number, groups: number): Promise<Cluster> {
  const cluster = createCluster(shape, Math.max(10, Math.round(size)), groups);
  for (const other of many(groups, (group) => shape.others(group, cluster.size)).flat()) await cluster.there(other)();
  await cluster.listed(many(cluster.pods, (i) => cluster.pod(i)))();
  return cluster;
}

async function rowOf(shape: Shape, figure: Figure, large: Cluster, small: Cluster): Promise<Row> {
  const { here, there } = await measured[figure.of](figure, large, small);
  const isEach = figure.of === 'each';
  const beside = small.groups > 1 ? `${small.groups} times ${small.size}` : String(small.size);
  return {
    figure: `${shape.name}: ${figure.name}`,
    target: isEach ? 'linear ± 20 %' : 'as a hundredth ± 20 %',
    measured: isEach ? `${short(here)} each, ${short(here * large.size)} in all` : short(here),
    yardstick: `${short(there)}${isEach ? ' each' : ''} with ${beside}`,
    ratio: here / there,
    met: here / there <= 1.2,
  };
}

type Measure = (figure: Figure, large: Cluster, small: Cluster) => Promise<{ here: number; there: number }>;

const measured: { readonly [of in Figure['of']]: Measure } = {
  one: medians(timeOf),
  turn: medians(longestTurn),
  // The same number of runs on the small cluster as on the large one.
  async each(figure, large, small) {
    const rounds = Math.round(large.size / small.size);
    const here = await sumOf(figure, large, figure.times);
    const there = await sumOf(figure, small, figure.times * rounds);
    return { here: here / large.size, there: there / rounds / small.size };
  },
};

/** Alternates, so that other load affects both equally. */
function medians(clock: (acts: readonly Act[]) => Promise<number>): Measure {
  return async ({ acts, times }, large, small) => {
    const took = { here: [] as number[], there: [] as number[] };
    for (let n = 0; n < times; n++) {
      took.here.push(await clock(acts(large, n)));
      took.there.push(await clock(acts(small, n)));
    }
    return { here: median(took.here), there: median(took.there) };
  };
}

async function run(acts: readonly Act[]): Promise<void> {
  for (const act of acts) {
    const done = act();
    if (done) await done;
  }
}

/** Wall time in milliseconds: the processor's clock is too coarse for one event. */
async function timeOf(acts: readonly Act[]): Promise<number> {
  const began = performance.now();
  await run(acts);
  return performance.now() - began;
}

/** Processor time of this thread since `before`, in milliseconds, without that of other processes. */
function processor(before?: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

async function sumOf({ acts, times }: Figure, cluster: Cluster, rounds: number): Promise<number> {
  let sum = 0;
  for (let n = 0; n < rounds; n++) {
    const ready = acts(cluster, n);
    const before = process.threadCpuUsage();
    await run(ready);
    sum += processor(before);
  }
  return sum / times;
}

async function longestTurn(acts: readonly Act[]): Promise<number> {
  let longest = 0;
  let before = process.threadCpuUsage();
  let ended = false;
  const look = () => {
    longest = Math.max(longest, processor(before));
    before = process.threadCpuUsage();
  };
  const withReadView = (async () => {
    for (; !ended; look()) await setImmediate();
  })();
  await run(acts);
  ended = true;
  await withReadView;
  return longest;
}

function short(value: number): string {
  if (value >= 1) return ms(value);
  return `${(value * 1000).toFixed(value < 0.01 ? 2 : 0)} µs`;
}
