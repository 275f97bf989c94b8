import { expect, test } from 'vitest';
import { changesBefore } from '../../../master/alerts/before.ts';
import { fault } from '../../../src/errors.ts';
import { finding, noon } from '../../support/alerting.ts';

const usual = { patience: 1000, values: true };
const version = (minutes: number, text: object | undefined) => ({
  epoch: 'e',
  revision: minutes + 100,
  time: noon + minutes * 60_000,
  observed: { observed: 'watch' as const },
  text: text === undefined ? undefined : JSON.stringify(text),
  uid: text === undefined ? undefined : 'u',
});
const web = (replicas: number, more: object = {}) => ({
  id: 'Deployment:shop/web',
  properties: { metadata: { creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { replicas }, ...more },
});

const lives: { readonly [id: string]: object } = {
  'Deployment:shop/web': {
    versions: [version(-14, web(3)), version(-9, web(0)), version(-8, web(0, { status: { replicas: 0 } }))],
    relations: [],
    events: [],
    gaps: [],
  },
  'Service:shop/web': {
    versions: [],
    relations: [
      {
        epoch: 'e',
        revision: 1,
        time: noon - 60_000,
        type: 'loadBalances',
        source: { id: 'Service:shop/web' },
        target: { id: 'Pod:shop/web-0' },
        text: undefined,
      },
    ],
    events: [],
    gaps: [],
  },
};

test("lists changes of the spec, latest first, without controllers' status", async () => {
  const spans: unknown[] = [];
  const life = async (id: string, span: object) => {
    spans.push(span);
    return (lives[id] ?? { versions: [], relations: [], events: [], gaps: [] }) as never;
  };
  const { before, unknown } = await changesBefore({ life }, finding('web'), usual);
  expect(unknown).toBeUndefined();
  expect(before).toEqual([
    { at: '2026-11-28T11:59:00.000Z', resource: 'Service:shop/web', what: 'loadBalances Pod:shop/web-0 was removed' },
    { at: '2026-11-28T11:51:00.000Z', resource: 'Deployment:shop/web', what: 'changed spec.replicas from 3 to 0' },
  ]);
  const bare = await changesBefore({ life }, finding('web'), { ...usual, values: false });
  expect(bare.before[1]?.what).toBe('changed spec.replicas');
  expect(spans[0]).toEqual({ from: '2026-11-28T11:45:00.000Z', to: '2026-11-28T12:00:02.000Z' });
});

test('ignores containers and processes, because they are not edited', async () => {
  const asked: string[] = [];
  const life = async (id: string) => {
    asked.push(id);
    return { versions: [], relations: [], events: [], gaps: [] } as never;
  };
  const path = [{ from: 'Pod:shop/web-0', to: 'Container:shop/web-0/web', type: 'contains' }];
  await changesBefore({ life }, finding('web', { path }), usual);
  expect(asked).toEqual(['Deployment:shop/web', 'Pod:shop/web-0']);
});

test('a missing resource that is still named was removed, and a returned one added', async () => {
  const gone = { id: 'Secret:shop/x', properties: {}, annotations: { missing: true } };
  const there = { id: 'Secret:shop/x', properties: { metadata: {} }, annotations: {} };
  const versions = [version(-5, there), version(-4, gone), version(-3, there)];
  const life = async () => ({ versions, relations: [], events: [], gaps: [] }) as never;
  const { before } = await changesBefore({ life }, finding('web', { path: [] }), usual);
  expect(before.map(({ what }) => what)).toEqual(['was added', 'was removed']);
});

test('a history that takes too long is heard in the end', async () => {
  const answer = Promise.withResolvers<never>();
  const first = await changesBefore({ life: () => answer.promise }, finding('web', { path: [] }), {
    ...usual,
    patience: 5,
  });
  expect(first).toMatchObject({ before: [], unknown: 'the history did not answer in time' });
  answer.resolve(lives['Deployment:shop/web'] as never);
  expect((await first.late)?.before.map(({ what }) => what)).toEqual(['changed spec.replicas from 3 to 0']);
});

test('that nothing is known is said, with the reason', async () => {
  const off = async () => Promise.reject(fault('history_off', { reason: 'it is off' }));
  const slow = () => new Promise<never>(() => undefined);
  expect(await changesBefore(undefined, finding('web'), usual)).toEqual({ before: [], unknown: 'no history is kept' });
  expect((await changesBefore({ life: off }, finding('web'), usual)).unknown).toBe('No history is kept: it is off');
  expect((await changesBefore({ life: slow }, finding('web'), { ...usual, patience: 5 })).unknown).toBe(
    'the history did not answer in time',
  );
  expect((await changesBefore({ life: off }, finding('web', { since: 'never' }), usual)).unknown).toContain(
    'since when',
  );
});

test('looks before the time at which it was seen, too, where its own is that of an old object', async () => {
  const spans: { readonly from: string; readonly to: string }[] = [];
  const life = async (id: string, span: { readonly from: string; readonly to: string }) => {
    spans.push(span);
    const versions =
      lives[id] && span.to > '2026-11-28' ? lives[id] : { versions: [], relations: [], events: [], gaps: [] };
    return versions as never;
  };
  const old = finding('web', { since: '2026-11-01T00:00:00.000Z', path: [] });
  expect((await changesBefore({ life }, old, usual)).before).toEqual([]);
  const { before } = await changesBefore({ life }, old, { ...usual, seen: noon });
  expect(before.map(({ what }) => what)).toContain('changed spec.replicas from 3 to 0');
  expect(spans.at(-1)).toEqual({ from: '2026-11-28T11:45:00.000Z', to: '2026-11-28T12:00:02.000Z' });
});
