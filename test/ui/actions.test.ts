import { expect, test } from 'vitest';
import { type ActionEntry, groupOf, isAnother, isDecidable, targetId, valueText, wordsOf } from '../../ui/actions.ts';
import { actions } from '../../ui/lists/all.ts';
import type { ListContext } from '../../ui/lists/list.ts';
import { ClusterModel } from '../../ui/model.ts';
import { start } from '../../ui/state/view-state.ts';
import { textOf } from './text-of.ts';

const action = {
  id: 'a',
  action: 'scale',
  target: { kind: 'Deployment', namespace: 'shop', name: 'web' },
  until: '2026-01-05T00:00:00Z',
};
const entry = (more: Partial<ActionEntry> = {}): ActionEntry => ({
  ...{ id: 'a', state: 'dry-run', at: '2026-01-01T00:00:00Z', action },
  ...{ proposed: { by: 'alice', at: '2026-01-01T00:00:00Z' }, difference: [{ field: 'spec.replicas', before: 1 }] },
  ...more,
});

function shown(desk: object | undefined, at = ''): string {
  const now = Date.parse('2026-01-04T00:00:00Z');
  const context = { model: new ClusterModel(), state: { ...start, at }, now, desk, go: () => undefined };
  return textOf(actions.render(context as unknown as ListContext));
}

const desk = (more: object = {}) => ({
  ...{ cluster: 'east', entries: [], failure: '', needsToken: false, staleSince: undefined, step: undefined },
  ...{ saidOf: () => '', ...more },
});

test('only what waits and whose actor is there can be decided; what decides is state and difference, not the clock', () => {
  expect(isDecidable(entry())).toBe(true);
  expect(isDecidable(entry({ staleSince: 'T' }))).toBe(false);
  expect(['executing', 'refused', 'expired', 'from-the-future'].some((state) => isDecidable(entry({ state })))).toBe(
    false,
  );
  expect(isAnother(entry(), entry({ at: 'T2', note: 'looked at again' }))).toBe(false);
  expect(isAnother(entry(), entry({ difference: [] }))).toBe(true);
  expect(isAnother(entry(), entry({ state: 'executing' }))).toBe(true);
});

test('every state has a word beside its mark, also one that is not known here', () => {
  expect(wordsOf('rolled-back')).toMatchObject({ words: 'rolled back', severity: 'high' });
  expect(wordsOf('toString').words).toBe('toString');
  expect([groupOf({ state: 'dry-run' }), groupOf({ state: 'rolling-back' }), groupOf({ state: 'odd' })]).toEqual([
    'Wait for approval',
    'Under way',
    'Over',
  ]);
  expect([valueText(undefined), valueText('5'), valueText({ a: null })]).toEqual(['-', '5', '{"a":null}']);
  expect(targetId(action)).toBe('Deployment:shop/web');
});

test('the list has state, target, difference, proposer, approver and reason of each action', () => {
  const why = { code: 'managed', message: 'Argo CD would undo it' };
  const approved = { by: 'bob', at: '2026-01-03T23:00:00Z' };
  const entries = [
    entry(),
    entry({ id: 'b', state: 'refused', why }),
    entry({ id: 'c', state: 'executing', approved }),
  ];
  const text = shown(desk({ entries }));
  expect(text).toMatch(
    /3 actions of east.*Wait for approval 1.*scale.*Deployment.*web.*in shop.*spec\.replicas.*1.*→.*-/,
  );
  expect(text).toMatch(
    /asked by alice 3 d ago.*until 2026-01-05.*Approve….*Withdraw….*Under way.*approved by bob 1 h ago/,
  );
  expect(text).toMatch(/Over.*refused.*Argo CD would undo it.*\(managed\)/);
  expect(text.match(/Approve…/g)?.length).toBe(1);
});

test('an actor that is away, a refusal, a missing token, the past and a plain master are said', () => {
  const stale = { staleSince: '2026-01-02T00:00:00Z', entries: [entry({ staleSince: '2026-01-02T00:00:00Z' })] };
  expect(shown(desk(stale))).toMatch(/away since 2026-01-02.*nothing can be decided/);
  expect(shown(desk(stale))).not.toContain('Approve…');
  expect(shown(desk({ failure: 'no actor of east is connected', entries: undefined }))).toContain('no actor of east');
  expect(shown(desk({ needsToken: true, entries: undefined }))).toMatch(/Token of east/);
  expect(shown(desk(), '2026-01-01T00:00:00Z')).toContain('go to now');
  expect(shown(undefined)).toContain('No actions are taken here');
});
