// Every way out of the process: objects of all kinds and answers of runtimes have a canary wherever a secret may be, and no
// output may contain it. Every registered route must be listed here, or excused with a reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf } from '../actor/answer.ts';
import { differenceOf } from '../actor/difference.ts';
import { sarifOf } from '../cli/print/sarif.ts';
import type { Alert } from '../master/alerts/alert.ts';
import { changesBefore } from '../master/alerts/before.ts';
import { messageOf } from '../master/alerts/message.ts';
import { annotationsOf, labelsOf, postedOf } from '../master/alerts/receivers/alertmanager-alert.ts';
import { AlertLog } from '../master/alerts/receivers/log.ts';
import { storyOf } from '../master/alerts/story.ts';
import type { Finding, FindingChange } from '../master/findings/contract.ts';
import { noLimit } from '../master/graph/engine/relation-limit.ts';
import { InputLog, type InputLogOptions } from '../master/graph/replication/input-log.ts';
import { Unpacker } from '../master/graph/replication/messages.ts';
import { tools } from '../master/mcp/tools/index.ts';
import { Series } from '../master/series/series.ts';
import { failureOf } from '../master/sources/kubernetes/api-failure.ts';
import { readSnapshot } from '../master/sources/runtime/read-snapshot.ts';
import { Publisher as StreamPublisher } from '../master/stream/publisher.ts';
import { ClusterPoints } from '../master/telemetry/cluster-points.ts';
import { FindingsSource } from '../master/uplink/findings-source.ts';
import { GraphSource } from '../master/uplink/graph-source.ts';
import { bodiesOf } from '../master/uplink/metrics-source.ts';
import { views } from '../master/views/index.ts';
import { monotonicClock } from '../src/clock.ts';
import { graphBodyOf, readGraphBody } from '../src/gateway-protocol/graph-body.ts';
import { createLogger, silentLogger } from '../src/logger.ts';
import type { KubernetesObject } from '../src/model.ts';
import { metricsRecords } from '../src/shipping/otlp-metrics.ts';
import { registryPoints } from '../src/shipping/points.ts';
import { remoteWriteBody } from '../src/shipping/remote-write.ts';
import { redactedLine } from '../src/uplink/log-source.ts';
import type { Publisher } from '../src/uplink/source.ts';
import { alice, comeUp, document, named, startActing, workload } from './support/acting.ts';
import { firing } from './support/alerting.ts';
import { canary, everyKind, inspected, objectOf, spellings } from './support/canaries.ts';
import { usualKinds } from './support/input-logs.ts';
import { accepts } from './support/mcp-call.ts';
import { createMemoryLogOfMany } from './support/memory-transport.ts';
import { kindNamed } from './support/random-cluster.ts';
import { createRecordedApp, type RecordedApp } from './support/recorded-app.ts';
import { decodeRemoteWrite } from './support/remote-write-decoder.ts';
import { imageOf, inspectOf, podLabels, snapshotOf } from './support/runtime.ts';
import { watch } from './support/watching.ts';

const hour = 3_600_000;
const began = Math.floor(Date.now() / hour) * hour - hour;
let now = began;
const lines: string[] = [];
const log = { write: (line: string) => void lines.push(line) };
const registered = new Set<string>();
const metrics = new Registry();
const series = new Series(1 << 20);
const container = 'Container:mine/canary/main';
let recorded: RecordedApp;
let url: string;
let found: readonly Finding[];

/** The canary in the text with its surroundings. */
function shown(text: string): string[] {
  const at = spellings.map((one) => text.indexOf(one)).filter((each) => each >= 0);
  return at.map((each) => text.slice(Math.max(0, each - 120), each + 60));
}
const iso = (ms: number) => new Date(ms).toISOString();

/** The status and messages contain the canary, as those of controllers and runtimes might. */
const words = `exit: password=${canary} of https://u:${canary}@h/ --token ${canary}`;
const since = { lastTransitionTime: '2020-01-01T00:00:00Z' };
const not = (type: string, status = 'False') => ({ type, status, reason: 'Bad', message: words, ...since });
const broken: { readonly [type: string]: object } = {
  Pod: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'main',
        restartCount: 9,
        state: { waiting: { reason: 'CrashLoopBackOff', message: words } },
        lastState: {
          terminated: { exitCode: 1, reason: 'Error', message: words, finishedAt: since.lastTransitionTime },
        },
      },
    ],
    conditions: [not('Ready')],
  },
  Node: { conditions: [not('Ready', 'Unknown')] },
  Namespace: { phase: 'Terminating', conditions: [not('NamespaceContentRemaining', 'True')] },
  APIService: { conditions: [not('Available')] },
  HorizontalPodAutoscaler: { conditions: [not('ScalingActive')] },
};

/** Another version of the object: other values, also with the canary. */
function changed(object: KubernetesObject, version: number): KubernetesObject {
  const text = JSON.stringify(object)
    .replaceAll(canary, `${canary}${version}`)
    .replaceAll('failed: ', `lost ${version}: `);
  const made = JSON.parse(text) as KubernetesObject;
  Object.assign(made.metadata, { resourceVersion: String(version), labels: { version: `v${version}` } });
  return made;
}

function put(version: number): void {
  now += 60_000;
  for (const kind of everyKind) {
    recorded.names.add(kind);
    const sink = recorded.store.sinkOf(kind);
    const plain = objectOf(kind);
    const placed =
      kind.kind === 'Pod' ? { ...plain, spec: { ...(plain['spec'] as object), nodeName: 'canary' } } : plain;
    sink.event(version === 1 ? 'ADDED' : 'MODIFIED', changed(placed, version));
    const status = broken[kind.kind];
    if (status === undefined) continue;
    const more = { name: 'broken', uid: `broken-${kind.kind}`, creationTimestamp: since.lastTransitionTime };
    sink.event(version === 1 ? 'ADDED' : 'MODIFIED', changed({ ...objectOf(kind, more), status }, version));
    sink.state('synced');
  }
}

async function tellRuntime(): Promise<void> {
  const { Config, ...rest } = inspected() as { Config: { Labels: object } };
  const labels = { ...Config.Labels, ...podLabels(`mine/canary/main/${uid()}`) };
  const fields = { ...rest, Config: { ...Config, Image: 'shop:v1', Labels: labels } };
  const command = `redis-cli -a ${canary} --token ${canary}`;
  const snapshot = {
    ...snapshotOf([], [imageOf('image', inspected())]),
    containers: [
      {
        inspect: inspectOf('main', { fields }),
        processes: [{ pid: 7, command, others: { NOTE: words } }],
        error: words,
      },
    ],
  };
  const read = await readSnapshot(
    Buffer.from(JSON.stringify(snapshot)),
    { keepValues: false },
    new AbortController().signal,
  );
  recorded.containers.runtime.state('canary', 'synced');
  recorded.containers.runtime.snapshot('canary', read);
}

const uid = () => objectOf(kindNamed('Pod')).metadata.uid ?? '';

beforeAll(async () => {
  const logger = createLogger({ level: 'trace', format: 'json', destination: log });
  recorded = createRecordedApp({ clock: () => ++now, logger, context: { series, metrics, now: () => now } });
  recorded.app.addHook('onRoute', ({ url, method }) => {
    for (const each of [method].flat()) if (each !== 'HEAD' && each !== 'OPTIONS') registered.add(`${each} ${url}`);
  });
  put(1);
  await tellRuntime();
  await recorded.start();
  const events = recorded.history.observe(recorded.store.sinkOf(kindNamed('Event')), kindNamed('Event'), recorded);
  put(2);
  const about = { kind: 'Pod', namespace: 'mine', name: 'canary' };
  const metadata = { name: 'e', namespace: 'mine', uid: 'e' };
  events.event('ADDED', { metadata, involvedObject: about, reason: 'Unhealthy', message: words } as never);
  put(3);
  const minute = Math.floor(now / 60_000) - 1;
  for (const id of [container, 'Node:canary', 'Pod:mine/canary']) series.put(id, 'cpu', minute, 1);
  url = await recorded.app.listen({ host: '127.0.0.1', port: 0 });
  found = (await recorded.json<{ findings: Finding[] }>('/cluster/findings?limit=10000')).findings;
}, 60_000);
afterAll(() => recorded.close());

interface Way {
  readonly says: string;
  /** A text that the output must contain, to prove that the right output was examined. */
  readonly has: string | RegExp;
  /** The registered routes that it covers. */
  readonly of?: readonly string[];
  readonly text: () => Promise<string>;
}

/** A request over HTTP in this process. */
function asked(path: string, has: string | RegExp = 'canary', ...of: readonly string[]): Way {
  const own = of.length > 0 ? of : [`GET ${path.split('?')[0]}`];
  return {
    says: path,
    has,
    of: own,
    async text() {
      const { status, text } = await recorded.ask(
        path.replaceAll('FROM', iso(began + 70_000)).replaceAll('TO', iso(now)),
      );
      if (status !== 200) throw new Error(`${path} is answered with ${status}: ${text}`);
      return text;
    },
  };
}

const analyses = ['cycles', 'communities', 'centrality', 'articulation'];
const pod = 'Pod:mine/canary';
const span = 'from=FROM&to=TO';
const resources = '/cluster/resources/pods/mine/canary';
const routes: readonly Way[] = [
  ...['json', ...views.map(({ name }) => name)].flatMap((format) => [
    asked(`/cluster?format=${format}`),
    asked(`/cluster?at=FROM&format=${format}`),
  ]),
  asked('/cluster/resources'),
  asked('/cluster/resources/pods', 'canary', 'GET /cluster/resources/:type'),
  asked(resources, 'canary', 'GET /cluster/resources/:type/*'),
  asked(`${resources}?at=FROM`, 'canary', 'GET /cluster/resources/:type/*'),
  asked('/cluster/resources/containers/mine/canary/main', 'redis-cli', 'GET /cluster/resources/:type/*'),
  asked('/cluster/resources/secrets', 'canary', 'GET /cluster/resources/:type'),
  asked('/cluster/resources/configmaps/mine/canary', 'canary', 'GET /cluster/resources/:type/*'),
  asked('/cluster/completeness', 'synced'),
  asked('/cluster/groups?by=namespace', 'mine'),
  asked('/cluster/groups?by=type', 'Pod'),
  asked('/cluster/groups?by=type&at=FROM', 'Pod'),
  asked(`/cluster/impact?of=${pod}`),
  asked(`/cluster/path?from=${pod}&to=Node:canary`),
  asked('/cluster/findings?limit=10000', 'exit: '),
  asked('/cluster/findings?format=ndjson', 'exit: '),
  asked('/cluster/findings?at=FROM&limit=10000', 'exit: '),
  ...analyses.map((of) => asked(`/cluster/analysis?of=${of}`, 'findings')),
  asked('/cluster/search?q=canary'),
  asked('/cluster/search?q=canary&at=FROM'),
  asked(`/cluster/diff?${span}&texts=true`, 'version'),
  asked(`/cluster/timeline?${span}&by=type`, 'Pod'),
  asked('/cluster/history', 'epoch'),
  asked('/cluster/history/pods/mine/canary?limit=2000', 'Unhealthy', 'GET /cluster/history/:type/*'),
  asked(`/cluster/metrics?of=${pod}`),
  asked('/cluster/right-sizing', 'timestamp'),
  asked('/debug'),
  asked('/rules', 'rules'),
  asked('/metrics', /^/),
  asked('/', /^/),
  asked('/help', 'Endpoints'),
];

const tool: { readonly [name: string]: object } = {
  around: { id: pod },
  changes: { from: 'FROM', to: 'TO' },
  findings: {},
  get: { id: pod, field: 'spec' },
  groups: { state: '*' },
  history: { id: pod },
  impact: { id: pod },
  metrics: { id: pod },
  path: { from: pod, to: 'Node:canary' },
  search: { text: 'canary' },
};
const mcp: readonly Way[] = tools.map(({ name }) => ({
  says: `the tool ${name}`,
  has: 'canary',
  of: ['POST /mcp'],
  async text() {
    const given = JSON.parse(
      JSON.stringify({ budget: 16_384, ...tool[name] })
        .replaceAll('FROM', iso(began + 70_000))
        .replaceAll('TO', iso(now)),
    ) as object;
    const payload = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } };
    const answer = await recorded.app.inject({ method: 'POST', url: '/mcp', headers: accepts, payload });
    if (answer.payload.includes('"isError":true')) throw new Error(answer.payload);
    return answer.payload;
  },
}));

/** What streams send when everything changes again. */
const streams: readonly Way[] = [
  ['/cluster/watch', 'canary'],
  ['/cluster/findings/watch', 'exit: '],
].map(([path = '', has = '']) => ({
  says: path,
  has,
  of: [`GET ${path}`],
  async text() {
    const watching = await watch(url + path);
    await watching.until(() => watching.retry !== undefined);
    put(++versions);
    await watching.until(() => watching.events.some(({ data }) => data.includes(has)));
    watching.kill();
    return watching.events.map(({ data }) => data).join('\n');
  },
}));
let versions = 3;

async function alertsOf(): Promise<{ alerts: readonly Alert[]; story: (alert: Alert) => ReturnType<typeof storyOf> }> {
  const alerts = found.map((each) => firing(each.id, { ...each, since: iso(now) }));
  const told = new Map<string, Awaited<ReturnType<typeof changesBefore>>>();
  for (const { key, subject } of alerts.slice(0, 40))
    told.set(key, await changesBefore(recorded.history.whole(), subject, { patience: 5_000, values: true }));
  const none = { before: [] };
  const parts = { url: 'https://insight.example', effectsOf: () => alerts.slice(0, 3) };
  return { alerts, story: (alert) => storyOf(alert, { ...parts, ...(told.get(alert.key) ?? none) }) };
}

const alerting: readonly Way[] = [
  {
    says: 'the body of a webhook',
    has: /exit: .*changed /s,
    async text() {
      const { alerts, story } = await alertsOf();
      const ended = alerts.map((alert) => ({ alert, at: now, reason: 'over' as const }));
      const notice = { group: 'g', labels: {}, count: 1, at: now, isRepeat: false, firing: alerts, ended, active: 1 };
      return JSON.stringify(messageOf(notice, 'prod', story));
    },
  },
  {
    says: 'the alerts of Alertmanager',
    has: /exit: .*changed /s,
    async text() {
      const { alerts, story } = await alertsOf();
      const texts = (alert: Alert) => ({
        labels: labelsOf(alert, 'prod', {}),
        annotations: annotationsOf(alert, story(alert)),
      });
      return JSON.stringify(alerts.map((alert) => postedOf(alert, texts(alert), now, undefined)));
    },
  },
  {
    says: 'the log of alerts',
    has: 'exit: ',
    async text() {
      const { alerts, story } = await alertsOf();
      const own: string[] = [];
      const logger = createLogger({
        level: 'info',
        format: 'text',
        destination: { write: (line) => void own.push(line) },
      });
      const receiver = new AlertLog({ name: 'log', match: {}, storyOf: story, logger });
      for (const alert of alerts) receiver.take([{ kind: 'fired', alert, at: now }]);
      return own.join('');
    },
  },
];

function told(): InputLogOptions {
  const { engine, mirror, engineOptions } = recorded;
  if (mirror === undefined) throw new Error('it is mirrored');
  const { createdBy, virtualTypes } = engineOptions;
  return { engine, mirror, createdBy, virtualTypes, limit: noLimit, kinds: usualKinds };
}

/** Collects what a source would send. */
function collecting(): { readonly publisher: Publisher; readonly texts: string[] } {
  const texts: string[] = [];
  const unpacker = new Unpacker();
  const publisher: Publisher = {
    async publish(_class, body) {
      return texts.push(JSON.stringify(body));
    },
    add(_class, packed) {
      const { body, part, parts } = readGraphBody(graphBodyOf(packed));
      return texts.push(String(unpacker.take({ part, parts, body }) ?? ''));
    },
    last: () => texts.length,
    waiting: () => 0,
    discard: () => undefined,
    before: () => undefined,
    lost: () => 0,
  };
  return { publisher, texts };
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.min(ms, 20));
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
const patient = { timeout: 20_000, interval: 10 };

const sent: readonly Way[] = [
  {
    says: 'what a publisher tells the log in NATS',
    has: 'canary',
    async text() {
      const memory = createMemoryLogOfMany();
      const publisher = new StreamPublisher({
        tell: (sink) => new InputLog(told(), sink),
        transport: memory.transport(),
        epoch: 'ways',
        termName: () => 'one',
        mostBuffered: 64 << 20,
        clock: monotonicClock,
        logger: silentLogger,
        times: { beat: 20, takeover: 60, look: 5, again: 1, longest: 4, farewell: 500 },
      });
      publisher.start();
      await expect.poll(() => textIn(memory.messages).includes('"broken'), patient).toBe(true);
      put(++versions);
      await expect.poll(() => textIn(memory.messages).includes(`v${versions}`), patient).toBe(true);
      await publisher.close();
      return textIn(memory.messages) + JSON.stringify(memory.notes);
    },
  },
  {
    says: 'the graph as it goes to a gateway',
    has: 'canary',
    async text() {
      const { publisher, texts } = collecting();
      const source = new GraphSource({
        publisher,
        log: told(),
        epoch: 'ways',
        synced: Promise.resolve(),
        sleep: pause,
        logger: silentLogger,
      });
      source.authorised({});
      await expect.poll(() => source.whole, patient).toBe(true);
      put(++versions);
      await expect.poll(() => texts.join('').includes(`v${versions}`), patient).toBe(true);
      await source.close();
      return texts.join('\n');
    },
  },
  {
    says: 'the findings as they go to a gateway',
    has: 'exit: ',
    async text() {
      const { publisher, texts } = collecting();
      const findings = {
        settled: true,
        current: () => found,
        undecided: () => [],
        affectedBy: () => [],
        subscribe: (_listener: (changes: readonly FindingChange[]) => void) => () => undefined,
      };
      const source = new FindingsSource({ publisher, findings, sleep: pause, logger: silentLogger });
      source.authorised({});
      await expect.poll(() => texts.length, patient).toBeGreaterThan(0);
      await source.close();
      return texts.join('\n');
    },
  },
  {
    says: 'the numbers as they go to a gateway',
    has: container,
    text: async () =>
      JSON.stringify([
        ...bodiesOf(series, Math.floor(began / 60_000) + 2),
        ...bodiesOf(series, Math.floor(now / 60_000) - 1),
        ...bodiesOf(series, lastMinute()),
      ]),
  },
  {
    says: 'numbers by remote write',
    has: 'container_memory_rss',
    text: async () => JSON.stringify(decodeRemoteWrite(remoteWriteBody(await points()))),
  },
  {
    says: 'numbers by OTLP',
    has: 'container_memory_rss',
    text: async () => JSON.stringify(metricsRecords(await points(), { 'service.name': 'x' } as never, now)),
  },
];

/** Proposals for workloads with canaries in all possible places, one of which fails with canaries in its messages. */
const acting: readonly Way[] = [
  {
    says: 'what the actor answers, keeps and audits',
    has: /rolled-back.*managed|managed.*rolled-back/s,
    async text() {
      const own = await startActing();
      try {
        const plain = objectOf(kindNamed('Deployment')) as unknown as { spec: { template: object } };
        const template = { ...plain.spec.template, metadata: { labels: { app: 'web' } } };
        const web = workload(own.server, { spec: { template } });
        const place = `https://u:${canary}@host/?sig=${canary}`;
        const marks = { 'configmanagement.gke.io/managed': 'enabled', 'configmanagement.gke.io/source-path': place };
        const kept = workload(own.server, { name: 'kept', metadata: { annotations: marks }, spec: { template } });
        const by = { name: 'bob', via: 'rest' } as const;
        const restart = { action: 'restart', wanted: {}, reason: words };
        const without = ({ target, ...rest }: ReturnType<typeof document>) => {
          const { container: _, ...bare } = target;
          return { ...rest, target: bare };
        };
        await own.actions.propose(without(document(own, kept, { ...restart, id: 'kept' })), by);
        await own.actions.propose(without(document(own, web, { ...restart, id: 'web' })), by);
        await own.actions.approve('web', alice);
        await expect.poll(() => own.actions.get('web')?.generation, patient).toBeGreaterThan(1);
        const generation = own.actions.get('web')?.generation;
        const stuck = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: words };
        own.server.patch(named('Deployment', 'web'), {
          status: { observedGeneration: generation, conditions: [stuck] },
        });
        await own.until('web', 'rolling-back', 'rolled-back', 'failed');
        comeUp(own.server, 'Deployment', 'web');
        await own.until('web', 'rolled-back', 'failed');
        const answers = own.actions.all().map(answerOf);
        return JSON.stringify([answers, readFileSync(join(own.folder, 'ledger.ndjson'), 'utf8'), own.audit]);
      } finally {
        await own.close();
      }
    },
  },
  {
    says: 'what an admission webhook would change, by field',
    has: /containers\[main\]\.env\[ANY\]\.value.*annotations/s,
    async text() {
      const before = objectOf(kindNamed('Deployment'));
      return JSON.stringify(differenceOf(before, changed(before, 9)));
    },
  },
];

const lastMinute = () => Math.floor(now / 60_000) - 1;

async function points() {
  const own = new ClusterPoints({ graph: recorded.engine });
  own.take({ node: 'canary', at: now, numbers: { cpu: 1 }, containers: [{ id: container, numbers: { memory: 1 } }] });
  return [...own.drain(), ...(await registryPoints(metrics, now))];
}

function textIn(messages: ReturnType<typeof createMemoryLogOfMany>['messages']): string {
  const unpacker = new Unpacker();
  return messages.map(({ message }) => unpacker.take(message) ?? '').join('');
}

const others: readonly Way[] = [
  {
    says: 'findings as SARIF',
    has: 'exit: ',
    text: async () => JSON.stringify(sarifOf(found, () => undefined)),
  },
  {
    says: 'why a kind cannot be read, in the words of an API server or of a proxy before it',
    has: /forbidden.*bad gateway/s,
    async text() {
      const answers = [JSON.stringify({ message: `forbidden: ${words}` }), `bad gateway: ${words}`];
      return answers.map((body) => failureOf({ status: 502, headers: {}, body: Buffer.from(body) }).message).join();
    },
  },
];

/** Routes whose answers contain nothing of any object. */
const excused: { readonly [route: string]: string } = {
  'GET /cluster/alerts': 'it says that none are sent: what is sent stands in the list',
  'GET /clusters': 'how far clusters are behind: numbers and names of clusters',
  'GET /livez': 'checks of the process',
  'GET /readyz': 'checks of the process',
  'GET /healthz': 'checks of the process',
  'GET /openapi.json': 'made when the process starts',
  'GET /docs': 'made when the process starts',
  'GET /docs/': 'made when the process starts',
  'GET /docs/json': 'made when the process starts',
  'GET /docs/yaml': 'made when the process starts',
  'GET /docs/static/*': 'files of the image',
  'GET /ui/*': 'files of the image; what the page shows, as YAML too, it reads from the routes in the list',
  'GET /version': 'what was built',
};
/** Always 404, whatever the method. */
const nothingThere = ['/.well-known/*', '/mcp/.well-known/*', '/register', '/authorize', '/token'];

test('the canary is in everything that came in', () => {
  for (const kind of everyKind) expect(shown(JSON.stringify(objectOf(kind))).length).toBeGreaterThan(1);
  expect(found.filter(({ sentence }) => sentence.includes('exit: ')).length).toBeGreaterThanOrEqual(3);
});

describe('no byte shows it of', () => {
  test.each([...routes, ...mcp, ...streams, ...alerting, ...sent, ...acting, ...others])(
    '$says',
    async ({ has, text }) => {
      const told = await text();
      expect(told).toMatch(typeof has === 'string' ? new RegExp(RegExp.escape(has)) : has);
      expect(shown(told)).toEqual([]);
    },
  );

  test('the log, what is shipped of it, and errors', async () => {
    for (const parameter of ['token', 'q', 'key', 'sig', 'of'])
      await recorded.app.inject(
        `/cluster/search?${parameter}=${encodeURIComponent(`https://u:${canary}@h/?sig=${canary}`)}`,
      );
    const text = lines.join('');
    expect(text).toContain('/cluster/search?');
    expect(shown(text)).toEqual([]);
    expect(shown(JSON.stringify(redactedLine(JSON.stringify({ msg: words, err: { message: words } }))))).toEqual([]);
  });
});

test('every route that is registered is in the list, or is excused, and nothing is excused that is not there', () => {
  const listed = new Set([...routes, ...mcp, ...streams].flatMap(({ of = [] }) => of));
  const isNothing = (each: string) => nothingThere.some((path) => each.endsWith(` ${path}`));
  const left = [...registered].filter((each) => !listed.has(each) && !(each in excused) && !isNothing(each));
  expect(left).toEqual([]);
  expect(Object.keys(excused).filter((each) => !registered.has(each) || listed.has(each))).toEqual([]);
  expect([...listed].filter((each) => !registered.has(each))).toEqual([]);
  expect(Object.keys(tool).toSorted()).toEqual(tools.map(({ name }) => name));
});
