// The command's columns: a resource's state in kubectl's words.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ageOf } from '../../../cli/print/age.ts';
import { ageCell, readyOf, restartsCell, stateOf } from '../../../cli/print/state.ts';
import type { Resource } from '../../../src/model.ts';
import { resource } from '../../support/shop-graph.ts';

const now = Date.parse('2026-11-28T05:10:00Z');
const seconds = (n: number) => ageOf(new Date(now - n * 1000).toISOString(), now);

describe('an age', () => {
  test.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [125, '2m5s'],
    [599, '9m59s'],
    [600, '10m'],
    [179 * 60, '179m'],
    [180 * 60, '3h'],
    [3 * 3600 + 5 * 60, '3h5m'],
    [8 * 3600, '8h'],
    [47 * 3600, '47h'],
    [48 * 3600, '2d'],
    [50 * 3600, '2d2h'],
    [8 * 86400, '8d'],
    [729 * 86400, '729d'],
    [730 * 86400, '2y'],
    [731 * 86400, '2y1d'],
    [8 * 365 * 86400, '8y'],
    [-1, '0s'],
    [-5, '<invalid>'],
  ])('of %i seconds is %s', (age, text) => expect(seconds(age)).toBe(text));

  test.each([undefined, 7, '', 'yesterday'])('of %j is nothing', (since) => expect(ageOf(since, now)).toBe(''));
});

interface Printed {
  readonly printed: { readonly restarts: string };
  readonly object: { readonly metadata: { readonly name: string } };
}
const printed: Printed[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/printed/pods.json'), 'utf8'),
);
const withProperties = (id: string, properties: unknown, annotations: object = {}): Resource => {
  const plain = resource(id);
  return { ...plain, properties, annotations: { ...plain.annotations, ...annotations } };
};

describe('a column', () => {
  test.each(printed)('RESTARTS of $object.metadata.name is $printed.restarts', ({ object, printed: { restarts } }) => {
    expect(restartsCell(withProperties('Pod:shop/x', object)).text).toBe(restarts);
  });

  test('RESTARTS says how long ago the last one was, where that is asked for', () => {
    const lastState = { terminated: { finishedAt: '2026-11-28T05:00:00Z' } };
    const status = { containerStatuses: [{ name: 'c', restartCount: 3, lastState }] };
    expect(restartsCell(withProperties('Pod:shop/x', { status }), now).text).toBe('3 (10m ago)');
    expect(
      restartsCell(withProperties('Container:shop/x/c', { status: { restartCount: 3, lastState } }), now).text,
    ).toBe('3 (10m ago)');
    expect(restartsCell(withProperties('Service:shop/x', { status })).text).toBe('');
  });

  test('STATE is the reason of its health, unless it is missing, not looked for or stale', () => {
    const health = { state: 'failed', reason: 'CrashLoopBackOff', field: 'f', ready: '0/1' };
    const crashing = withProperties('Pod:shop/x', { status: { phase: 'Running' } }, { health });
    expect(stateOf(crashing)).toEqual({ text: 'CrashLoopBackOff', style: 'red' });
    expect(readyOf(crashing).text).toBe('0/1');
    expect(stateOf({ ...crashing, annotations: { ...crashing.annotations, missing: true } }).text).toBe('missing');
    expect(stateOf({ ...crashing, annotations: { label: 'x', absent: 'pending' } })).toEqual({
      text: 'absent (pending)',
      style: 'dim',
    });
    expect(stateOf(withProperties('Pod:shop/x', { status: { phase: 'Running' } })).text).toBe('Running');
    expect(stateOf(withProperties('Pod:shop/x', null, { health: 'odd' })).text).toBe('');
  });

  test('AGE is that of the object, and empty where it was not made by an API server', () => {
    const made = withProperties('Pod:shop/x', { metadata: { creationTimestamp: '2026-11-28T05:00:00Z' } });
    expect(ageCell(made, now).text).toBe('10m');
    expect(ageCell(withProperties('Host:x', {}), now).text).toBe('');
  });
});
