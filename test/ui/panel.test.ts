import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClusterModel } from '../../ui/model.ts';
import { findings, health, history, links, members, metrics, object, relations, sizing } from '../../ui/panel/all.ts';
import { sections } from '../../ui/panel/index.ts';
import { quoted } from '../../ui/panel/links.ts';
import { objectPath } from '../../ui/panel/object.ts';
import type { Fetched, PanelContext } from '../../ui/panel/section.ts';
import { start } from '../../ui/state/view-state.ts';
import { around } from '../../ui/views/all.ts';
import { textOf } from './text-of.ts';

test('sections stand in the order in which one asks', () => {
  expect(sections.map(({ name }) => name)).toEqual([
    'health',
    'findings',
    'metrics',
    'sizing',
    'members',
    'relations',
    'history',
    'object',
    'links',
  ]);
});

test('a shell takes every word for what it is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      (text) => {
        const said = execFileSync('sh', ['-c', `printf %s ${quoted(text)}`]).toString();
        expect(text === '' ? '' : said).toBe(text);
      },
    ),
    { numRuns: 30 },
  );
});

test('the path of an object keeps every part of its name', () => {
  expect(objectPath('Pod', 'Pod:shop/a b')).toBe('cluster/resources/Pod/shop/a%20b');
  expect(objectPath('HTTPRoute.x.io', 'HTTPRoute.x.io:web/a?b#c')).toBe(
    'cluster/resources/HTTPRoute.x.io/web/a%3Fb%23c',
  );
  expect(objectPath('Node', 'Node:n')).toBe('cluster/resources/Node/n');
});

const pod = {
  id: 'Pod:shop/web',
  type: 'Pod',
  timestamp: '2026-01-02T03:04:05.678Z',
  properties: {},
  annotations: {
    label: 'web',
    health: { state: 'failed' as const, reason: 'CrashLoopBackOff', field: 'status.phase', ready: '0/1' },
  },
};
const gone = {
  id: 'Secret:shop/gone',
  type: 'Secret',
  timestamp: 'T',
  properties: {},
  annotations: { label: 'gone', missing: true as const },
};

function contextOf(fetched?: Fetched): PanelContext {
  const model = new ClusterModel();
  const uses = {
    type: 'uses',
    timestamp: 'T',
    source: pod.id,
    target: gone.id,
    annotations: { label: 'uses', rule: 'pod-env', field: 'spec.env[0]', missing: true as const },
  };
  model.load({ revision: 1, timestamp: 'T', resources: [pod, gone], relations: [uses] });
  const card = {
    key: pod.id,
    lane: 0,
    title: '2 Pods',
    kind: 'Pod',
    members: [pod.id, gone.id],
    state: 'failed' as const,
    note: '',
    height: 50,
    order: '',
  };
  return {
    card,
    resource: pod,
    model,
    state: { ...start, view: 'around', id: pod.id, at: '' },
    view: around,
    rules: new Map([['pod-env', { name: 'pod-env', sentence: 'A Pod uses what its variables name.' }]]),
    base: 'https://master.example/below/',
    now: Date.parse('2026-01-02T00:00:00Z'),
    token: true,
    desk: undefined,
    serves: () => true,
    fetched: () => fetched,
    go: () => undefined,
    copy: () => undefined,
    download: () => undefined,
  };
}

test('the state of what is absent says why it is not missed, and that there is no object', () => {
  const absent = { ...gone, annotations: { label: 'gone', absent: 'pending' as const } };
  const context = { ...contextOf(), resource: absent };
  expect(textOf(health.render(context))).toMatch(/absent.*does not exist: it is still to be made/);
  expect(textOf(object.render(context))).toBe('');
});

test('the state says why, and which field says so', () => {
  expect(textOf(health.render(contextOf()))).toMatch(/failed.*CrashLoopBackOff.*0\/1 ready.*status\.phase/);
});

test('every relation has its field, its rule and the sentence of the rule, and says what is missing', () => {
  expect(textOf(relations.render(contextOf()))).toMatch(
    /→.*uses.*gone.*missing.*spec\.env\[0\].*pod-env.*A Pod uses what its variables name\./,
  );
});

test('a card of several lists them, the worst first', () => {
  expect(textOf(members.render(contextOf()))).toMatch(/web.*CrashLoopBackOff.*gone.*missing/);
});

test('groups tell how much is between them and lead to each other on the same wall', () => {
  const group = (key: string, label = key) => ({
    id: `ResourceGroup:${key}`,
    type: 'ResourceGroup',
    timestamp: 'T',
    properties: { key },
    annotations: { label },
  });
  const relates = (source: string, target: string, count: number) => ({
    type: 'relates',
    timestamp: 'T',
    source: `ResourceGroup:${source}`,
    target: `ResourceGroup:${target}`,
    annotations: { label: 'relates', rule: 'groups', field: '', count },
  });
  const context = contextOf();
  const model = new ClusterModel();
  const groups = [group('shop'), group('web'), group('', '(none)')];
  model.load({
    revision: 1,
    timestamp: 'T',
    resources: groups,
    relations: [relates('shop', 'web', 1), relates('', 'shop', 3)],
  });
  const told = textOf(relations.render({ ...context, model, resource: groups[0] }));
  expect(told).toMatch(/web[^]*1 relation(?!s)/);
  expect(told).toMatch(/Outside of namespaces[^]*3 relations/);
  expect(told).not.toMatch(/ResourceGroup|\(none\)|rule/);
});

test('a history tells values of before and after, relations, and spans that were not watched', () => {
  const body = {
    versions: [
      {
        change: 'changed',
        timestamp: '2026-01-01T10:00:00.000Z',
        observed: 'relist',
        paths: [
          { path: '/properties/spec/replicas', from: 1, to: 3 },
          { path: '/x', to: 'the beginning of a long value…', cut: true },
        ],
        more: 4,
      },
    ],
    relations: [
      { change: 'came', timestamp: '2026-01-01T11:00:00.000Z', type: 'uses', source: pod.id, target: gone.id },
    ],
    gaps: [{ from: '2026-01-01T09:00:00.000Z', to: '2026-01-01T09:30:00.000Z', reason: 'restart' }],
    remaining: 7,
  };
  const text = textOf(history.render(contextOf({ body })));
  expect(text).toMatch(
    /uses gone.*came.*changed.*seen by relist.*\/properties\/spec\/replicas.*1 → 3.*nothing → the beginning.*and 4 more.*nothing is known until.*restart.*and 7 more/,
  );
  expect(textOf(history.render(contextOf({ error: 'History is off' })))).toContain('History is off');
  expect(textOf(history.render(contextOf()))).toContain('Loading');
});

test('the object is shown as text, a failure in its own words', () => {
  expect(textOf(object.render(contextOf({ text: 'kind: Pod\n' })))).toContain('kind: Pod');
  expect(textOf(object.render(contextOf({ error: 'There is no Pod' })))).toContain('There is no Pod');
});

test('the same question elsewhere names the master as it was reached, and no token', () => {
  const text = textOf(links.render(contextOf()));
  expect(text).toContain('https://master.example/below/cluster?root=Pod%3Ashop%2Fweb');
  expect(text).toContain('curl -s -H "Authorization: Bearer $TOKEN"');
  expect(text).toContain('kubectl insight get Pod:shop/web');
  const past = textOf(links.render({ ...contextOf(), state: { ...contextOf().state, at: '2026-01-01T00:00:00Z' } }));
  expect(past.match(/insight get Pod:shop\/web --at 2026-01-01T00:00:00Z/g)?.length).toBe(2);
  expect(past.match(/at=2026-01-01T00%3A00%3A00Z/g)?.length).toBe(3);
});

test('what is wrong with a resource says what to do, what proves it and what explains it, at any moment', () => {
  const finding = (more: object) => ({
    id: 'a',
    name: 'reference-missing',
    severity: 'critical',
    resource: pod.id,
    sentence: 'It needs a Secret that does not exist',
    remedy: 'Create it.',
    link: 'https://example.org/',
    field: 'spec.env[0]',
    path: [{ from: pod.id, to: gone.id, type: 'uses' }],
    affected: { count: 2 },
    ...more,
  });
  const effect = finding({ id: 'b', name: 'service-no-ready-endpoint', resource: 'Service:shop/s', causedBy: 'a' });
  const body = { findings: [finding({}), effect] };
  const text = textOf(findings.render(contextOf({ body })));
  expect(text).toMatch(
    /critical.*It needs a Secret.*Create it\..*uses.*spec\.env\[0\].*affects 2 resources.*reference-missing/,
  );
  expect(text).toMatch(/Service.*because of It needs a Secret that does not exist/);
  expect(textOf(findings.render(contextOf({ body: { findings: [] } })))).toMatch(/Nothing is known to be wrong/);
  expect(textOf(findings.render(contextOf({ error: 'no' })))).toMatch(/no/);
  const asked: string[] = [];
  const fetched = (_name: string, path: string) => void asked.push(path);
  findings.render({ ...contextOf(), fetched, state: { ...contextOf().state, at: '2026-01-01T00:00:00Z' } });
  expect(asked.join()).toContain('&at=2026-01-01T00%3A00%3A00Z');
});

test('usage has the last numbers, what is asked for and what may be used, and gaps', () => {
  const families = {
    cpu: { unit: 'cores', last: 0.07, values: [0.05, null, 0.07], of: 1 },
    cpuThrottled: { unit: 'seconds/second', last: 0.025, values: [0.025] },
    memory: { unit: 'bytes', last: 108_352_120, values: [108_352_120] },
    networkReceived: { unit: 'bytes/second', last: null, values: [null] },
  };
  const numbers = { containers: 2, families, requests: { cpu: 0.1 }, limits: { memory: 2 ** 28 }, oomKills: 3 };
  const text = textOf(metrics.render(contextOf({ body: { resources: { [pod.id]: numbers }, telemetry: {} } })));
  expect(text).toMatch(/Processor.*0\.07 cores.*asks for 0\.1 cores.*of 1 of 2 containers/);
  expect(text).toMatch(/Throttled.*2\.5 %.*Memory.*103 MiB.*at most 256 MiB.*Received.*unknown.*Killed 3 times/);
});

test('without numbers it is said why there are none, and what is asked for all the same', () => {
  const none = { families: {}, requests: { cpu: 2, memory: 2 ** 30 }, limits: {} };
  const words = (telemetry: object, resources: object = { [pod.id]: none }) =>
    textOf(metrics.render(contextOf({ body: { resources, telemetry } })));
  expect(words({})).toMatch(/no minion with probes.*asks for 2 cores.*asks for 1 GiB/);
  expect(words({ a: { state: 'failed' }, b: { state: 'synced' } })).toMatch(/probes of 1 node do not answer/);
  expect(words({ a: { state: 'synced' } }, {})).toMatch(/once a minute/);
  expect(textOf(metrics.render(contextOf({ error: 'gone' })))).toContain('gone');
  expect(textOf(metrics.render({ ...contextOf(), resource: gone }))).toBe('');
});

const sized = (more: object) => ({
  workload: 'Deployment:shop/web',
  container: 'web',
  containers: 3,
  minutes: 60,
  used: { cpu: { median: 0.01, p95: 0.012, most: 0.03 }, memory: { median: 1, p95: 2 ** 26, most: 2 ** 27 } },
  oomKills: 0,
  facts: [],
  ...more,
});
const proposal = {
  id: 'right-size-1',
  action: 'set-resources',
  target: { kind: 'Deployment', namespace: 'shop', name: "it's", uid: 'u', container: 'web' },
};

test('right-sizing says in numbers what is used of what is asked for, what to set and why, and has the action to copy', () => {
  const deployment = { ...pod, id: 'Deployment:shop/web', type: 'Deployment' };
  const facts = [
    { field: 'requests.cpu', verdict: 'too-much', now: 0.5, quantity: '14m', why: 'it used little' },
    { field: 'requests.memory', verdict: 'absent', quantity: '150Mi', why: 'it held 128 MiB at most' },
  ];
  const body = { workloads: [sized({ facts, action: proposal })] };
  const text = textOf(sizing.render({ ...contextOf({ body }), resource: deployment }));
  expect(text).toMatch(/Container web, 3 of them.*uses 12m of 500m requested, at most 30m, over the last hour/);
  expect(text).toMatch(/Memory: uses 64Mi, at most 128Mi.*requests\.cpu.*500m →.*14m.*it used little/);
  expect(text).toMatch(/requests\.memory.*not set →.*150Mi/);
  expect(text).toContain(quoted(JSON.stringify(proposal)));
  expect(text).toContain('| kubectl insight apply-action -f -');
});

test('right-sizing says why nothing is proposed, and is silent about what has no containers', () => {
  const shown = (workloads: readonly object[], more: Partial<PanelContext> = {}) =>
    textOf(sizing.render({ ...contextOf({ body: { workloads } }), ...more }));
  expect(shown([])).toMatch(/Nothing is proposed: no container of it has numbers/);
  expect(shown([sized({ minutes: 4, unknown: '4 minutes are known, 30 are needed' })])).toMatch(
    /in the 4 minutes that are known.*Nothing is proposed: 4 minutes are known, 30 are needed/,
  );
  expect(shown([sized({})])).toMatch(/of Deployment web.*fits what it uses/);
  const facts = [{ field: 'limits.memory', verdict: 'too-little', now: 2 ** 26, quantity: '84Mi', why: 'near' }];
  expect(shown([sized({ facts })])).toContain('No action can set this');
  expect(shown([], { resource: gone })).toBe('');
  expect(shown([], { serves: (path) => path !== '/cluster/right-sizing' })).toBe('');
  expect(shown([], { state: { ...start, at: '2026-01-01T00:00:00Z' } })).toContain('go to now');
  expect(textOf(sizing.render(contextOf({ error: 'Numbers are off' })))).toContain('Numbers are off');
});
