// `changes`, `history`, `diff --from` and `--at`, against a master over a graph of a test.
import { describe, expect, onTestFinished, test } from 'vitest';
import { readArguments } from '../../../cli/arguments.ts';
import type { Call, Command } from '../../../cli/command.ts';
import { changes } from '../../../cli/commands/changes.ts';
import { diff } from '../../../cli/commands/diff.ts';
import { get } from '../../../cli/commands/get.ts';
import { history } from '../../../cli/commands/history.ts';
import { fieldOf } from '../../../cli/compare/past.ts';
import { storyOf } from '../../../cli/compare/story.ts';
import { asOf, momentOfAge } from '../../../cli/moment.ts';
import { usualNames } from '../../../cli/sources/source.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createRecordedApp, type RecordedApp } from '../../support/recorded-app.ts';

const deployment = (replicas: number, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
  spec: { replicas, template: { spec: { containers: [{ name: 'main', image }] } } },
});

async function open() {
  const recorded = createRecordedApp();
  onTestFinished(() => recorded.close());
  const sink = recorded.store.sinkOf(kindNamed('Deployment'));
  sink.event('ADDED', deployment(3, 'web:1') as never);
  await recorded.start();
  const before = recorded.engine.revision;
  sink.event('MODIFIED', deployment(5, 'web:2') as never);
  return { recorded, before };
}

async function run(command: Command, recorded: RecordedApp, ...line: string[]) {
  const { values, words } = readArguments(line);
  const lines: string[] = [];
  const source = {
    name: 'the master',
    namespace: 'shop',
    names: usualNames,
    async ask(path: string) {
      const { status, text } = await recorded.ask(path);
      return { status, body: [Buffer.from(text)] as unknown as AsyncIterable<Buffer> };
    },
    post: () => Promise.reject(new Error('nothing is posted here')),
    close: async () => {},
  };
  const output = {
    line: async (text: string) => void lines.push(text),
    async pipe(body: AsyncIterable<Buffer | string>) {
      for await (const part of body) lines.push(part.toString());
    },
    paint: (_: unknown, text: string) => text,
  };
  const call = {
    values,
    words,
    output,
    warn: () => {},
    open: async () => asOf(source, values.at),
    graphNamed: () => Promise.reject(new Error('no file is read here')),
  };
  const status = await command.run(call as unknown as Call);
  return { status, text: lines.join('\n') };
}

describe('the command', () => {
  test('changes says what was asked of the cluster', async () => {
    const { recorded, before } = await open();
    const { status, text } = await run(changes, recorded, '--since', `abcd0123-${before}`);
    expect(status).toBe(1);
    expect(text).toBe('~ Deployment:shop/web   replicas 3 → 5, image web:1 → web:2');
    const nothing = await run(changes, recorded, '--since', 'now');
    expect(nothing).toEqual({ status: 0, text: 'nothing changed' });
  });

  test('changes that looks further back than anything is kept says so', async () => {
    const { recorded } = await open();
    const { text } = await run(changes, recorded, '--since', '5d');
    expect(text).toMatch(/replicas 3 → 5.*\nsince \d{4}-.*: nothing older is kept$/);
  });

  test('diff --from tells every field, and fails only on what it is told to', async () => {
    const { recorded, before } = await open();
    const moment = `abcd0123-${before}`;
    const { status, text } = await run(diff, recorded, '--from', moment, '--to', 'now');
    expect(status).toBe(1);
    expect(text).toContain('~ Deployment:shop/web\n    spec.replicas: 3 → 5');
    expect((await run(diff, recorded, '--from', moment, '--fail-on', 'removed:*')).status).toBe(0);
    const ignoring = await run(diff, recorded, '--from', moment, '--ignore', 'spec');
    expect(ignoring).toEqual({ status: 0, text: expect.stringContaining('0 changed') });
    await expect(run(diff, recorded, 'a', 'b', '--from', moment)).rejects.toThrow('not both');
  });

  test('history shows the life of one resource', async () => {
    const { recorded } = await open();
    const { status, text } = await run(history, recorded, 'deploy/web');
    expect(status).toBe(0);
    expect(text).toMatch(/\+ is there\n.*~ spec\.replicas: 3 → 5\n/);
    await expect(run(history, recorded, 'deploy/none')).rejects.toThrow('no Deployment none');
  });

  test('a value that is too long is told by its beginning, and what was not there as nothing', async () => {
    const { recorded, before } = await open();
    const long = { metadata: { name: 'c', namespace: 'shop', uid: 'c' }, data: { a: '1' } };
    const sink = recorded.store.sinkOf(kindNamed('ConfigMap'));
    sink.event('ADDED', long as never);
    const { revision } = recorded.engine;
    const many = Array.from({ length: 200 }, (_, i) => `finalizer-${i}`);
    sink.event('MODIFIED', { ...long, metadata: { ...long.metadata, finalizers: many } } as never);
    const { text } = await run(diff, recorded, '--from', `abcd0123-${revision}`);
    expect(text).toContain('metadata.finalizers: nothing → ["finalizer-0","finalizer-1"');
    const told = await run(history, recorded, 'cm/c', '--from', `-5m`);
    expect(told.text).toMatch(/metadata\.finalizers: nothing → \["finalizer-0".*…/);
    expect(before).toBeLessThan(revision);
  });

  test('a name that is not there is answered with those of its namespace', async () => {
    const { recorded } = await open();
    await expect(run(history, recorded, 'deploy/frontend')).rejects.toThrow(
      'no Deployment frontend in namespace shop; there is Deployment:shop/web',
    );
  });

  test('--at shows what was', async () => {
    const { recorded, before } = await open();
    const { text } = await run(get, recorded, 'deploy/web', '--at', `abcd0123-${before}`, '-o', 'json');
    expect(text).toContain('web:1');
    expect(text).not.toContain('web:2');
  });
});

test('an age is no option, wherever it stands', () => {
  expect(readArguments(['get', 'pods', '--at', '-15m', '-n', 'shop'])).toMatchObject({
    values: { at: '-15m', namespace: 'shop' },
    words: ['get', 'pods'],
  });
  expect(readArguments(['diff', '--from', '-1h', '--to', '-5m']).values).toEqual({ from: '-1h', to: '-5m' });
  expect(['1h', '-1h', 'now', '2026-11-20T03:12:00Z'].map(momentOfAge)).toEqual([
    '-1h',
    '-1h',
    'now',
    '2026-11-20T03:12:00Z',
  ]);
});

test('pointers are written as relations write fields', () => {
  expect(fieldOf('/properties/spec/containers/0/image')).toBe('spec.containers[0].image');
  expect(fieldOf('/properties/metadata/labels/app.kubernetes.io~1name')).toBe(
    'metadata.labels["app.kubernetes.io/name"]',
  );
  expect(fieldOf('/annotations/health/state')).toBe('annotations.health.state');
});

describe('the story', () => {
  const changed = (id: string, ...fields: string[]) => ({
    change: 'changed' as const,
    id,
    type: id.slice(0, id.indexOf(':')),
    fields: fields.map((field) => ({ field, before: 1, after: 2 })),
  });

  test('counts resources that only reported their state again, and lists lost relations of remaining ones', () => {
    const story = storyOf({
      resources: [
        changed('Node:a', 'status.conditions[0].x'),
        changed('Deployment:n/w', 'spec.replicas', 'status.replicas'),
      ],
      relations: [
        { change: 'removed', type: 'loadBalances', source: 'Service:n/s', target: 'Pod:n/p', field: '' },
        { change: 'removed', type: 'uses', source: 'Pod:n/gone', target: 'ConfigMap:n/c', field: '' },
      ],
    });
    expect(story.reportedOnly).toBe(1);
    expect(story.lines.map(({ text }) => text)).toEqual([
      'Deployment:n/w   replicas 1 → 2',
      'Service:n/s no longer loadBalances Pod:n/p',
      'Pod:n/gone no longer uses ConfigMap:n/c',
    ]);
  });

  test('summarises many of one type in one line', () => {
    const added = Array.from({ length: 9 }, (_, i) => ({ change: 'added' as const, id: `Pod:n/p${i}`, type: 'Pod' }));
    expect(storyOf({ resources: added, relations: [] }).lines).toEqual([
      { change: 'added', text: '9 Pod in n: p0, p1, p2, …' },
    ]);
  });

  const moved = (change: 'added' | 'removed', ...ids: string[]) =>
    ids.map((id) => ({ change, id, type: id.slice(0, id.indexOf(':')) }));
  const related = (change: 'added' | 'removed', type: string, source: string, target: string) => ({
    change,
    type,
    source,
    target,
    field: '',
  });

  test('tells a rollout as what its owner brought and what it took away', () => {
    const story = storyOf({
      resources: [
        changed('Deployment:n/w', 'spec.template.spec.containers[0].image'),
        ...moved('added', 'ReplicaSet:n/w-2', 'Pod:n/w-2-a', 'Pod:n/w-2-b', 'PersistentVolumeClaim:n/w-2-a-x'),
        ...moved('removed', 'Pod:n/w-1-a'),
        ...moved('added', 'Host:192.0.2.1'),
      ],
      relations: [
        related('added', 'owns', 'Deployment:n/w', 'ReplicaSet:n/w-2'),
        related('added', 'monitors', 'ReplicaSet:n/w-2', 'Pod:n/w-2-a'),
        related('added', 'monitors', 'ReplicaSet:n/w-2', 'Pod:n/w-2-b'),
        related('added', 'owns', 'Pod:n/w-2-a', 'PersistentVolumeClaim:n/w-2-a-x'),
        related('removed', 'monitors', 'ReplicaSet:n/w-1', 'Pod:n/w-1-a'),
      ],
    });
    expect(story.lines.map(({ change, text }) => `${change} ${text}`)).toEqual([
      'changed Deployment:n/w   image 1 → 2',
      'added ReplicaSet w-2, 2 Pod, PersistentVolumeClaim w-2-a-x of Deployment:n/w',
      'removed Pod w-1-a of ReplicaSet:n/w-1',
      'added Host:192.0.2.1',
    ]);
  });

  test('ends where owners own each other', () => {
    const relations = [
      related('added', 'owns', 'ConfigMap:n/a', 'ConfigMap:n/b'),
      related('added', 'owns', 'ConfigMap:n/b', 'ConfigMap:n/a'),
    ];
    const resources = moved('added', 'ConfigMap:n/a', 'ConfigMap:n/b');
    expect(storyOf({ resources, relations }).lines.length).toBeLessThan(3);
  });

  test('names of containers the Pod of each, as their own names are alike', () => {
    const relations = ['a', 'b', 'c'].map((pod) => ({
      change: 'added' as const,
      type: 'connectsTo',
      source: `Container:shop/web-${pod}/web`,
      target: 'Container:shop/redis-0/redis',
      field: '',
    }));
    const { lines } = storyOf({ resources: [], relations });
    expect(lines.map(({ text }) => text)).toEqual([
      '3 Container now connectsTo Container:shop/redis-0/redis: web-a/web, web-b/web, web-c/web',
    ]);
  });

  test('puts relations of one resource, and those to one, into a line each, and counts those of many', () => {
    const digest = (i: number) => `Image:sha256:${String(i).repeat(64)}`;
    const stores = [1, 2, 3, 4].map((i) => related('added', 'stores', 'Node:a', digest(i)));
    const calls = ['a', 'b', 'c'].map((name) => related('removed', 'calls', `Pod:n/${name}`, 'Service:n/s'));
    const mounts = Array.from({ length: 30 }, (_, i) => related('added', 'mounts', `Pod:n/p${i}`, `ConfigMap:n/c${i}`));
    const { lines } = storyOf({ resources: [], relations: [...stores, ...calls, ...mounts] });
    expect(lines.map(({ change, text }) => `${change} ${text}`)).toEqual([
      'added Node:a now stores 4 Image: sha256:111111111111, sha256:222222222222, sha256:333333333333, …',
      'removed 3 Pod no longer calls Service:n/s: a, b, c',
      'added 30 Pod now mounts 30 ConfigMap',
    ]);
  });
});
