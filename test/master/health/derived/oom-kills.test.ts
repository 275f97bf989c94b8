import { expect, test } from 'vitest';
import type { Edge, Vertex } from '../../../../master/graph/model/vertex.ts';
import type { Surroundings } from '../../../../master/health/derived/derived-rule.ts';
import { oomKills } from '../../../../master/health/derived/oom-kills.ts';
import type { Health, HealthState } from '../../../../master/health/health.ts';

const ok: Health = { state: 'ok', reason: 'Running', field: 'status.phase' };
const counted: Health = {
  state: 'degraded',
  reason: 'OOMKilled 3+ since 2026-11-28T10:01Z',
  field: 'observed.oomKills',
};
const around: Surroundings = {
  standingOf: () => '',
  isKnown: () => true,
  claimsOf: () =>
    [{ reason: { field: 'status.containerStatuses[0]' } }] as unknown as ReturnType<Surroundings['claimsOf']>,
};

/** A Pod with relations to vertices of these healths. */
function pod(...targets: readonly { readonly over?: string; readonly id: string; readonly health?: Health }[]): Vertex {
  const edges = targets.map(({ over = 'contains', ...target }) => ({ type: over, target }) as unknown as Edge);
  return { out: [{ edges }] } as unknown as Vertex;
}

test('a Pod that is well is degraded by the word of the first container that was killed for memory', () => {
  const two = pod(
    { id: 'Container:a', health: ok },
    { id: 'Container:b', health: counted },
    { id: 'Container:c', health: counted },
  );
  expect(oomKills.of(two, ok, around)).toMatchObject({
    state: 'degraded',
    reason: counted.reason,
    field: 'status.containerStatuses[0]',
    from: 'Container:b',
  });
});

test('whether it is ready stays said', () => {
  const one = pod({ id: 'Container:a', health: counted });
  expect(oomKills.of(one, { ...ok, ready: '1/1' }, around)).toMatchObject({ state: 'degraded', ready: '1/1' });
  expect(oomKills.of(one, ok, around)).not.toHaveProperty('ready');
});

test.each(['failed', 'degraded', 'progressing', 'idle', 'done'] as const satisfies readonly HealthState[])(
  'a Pod that is %s by its own word says no more',
  (state) => {
    expect(oomKills.of(pod({ id: 'Container:a', health: counted }), { ...ok, state }, around)).toBeUndefined();
  },
);

test.each([
  ['has no containers', pod()],
  ['has containers of which nothing is known', pod({ id: 'Container:a' })],
  [
    'has one that is degraded for another reason',
    pod({ id: 'Container:a', health: { ...counted, field: 'status.ready' } }),
  ],
  [
    'has one that ended by such a kill, which is its own word',
    pod({ id: 'Container:a', health: { ...counted, state: 'failed' } }),
  ],
  ['is related to one otherwise', pod({ over: 'dependsOn', id: 'Container:a', health: counted })],
])('a Pod that %s stays as it is', (_what, vertex) => {
  expect(oomKills.of(vertex, ok, around)).toBeUndefined();
});
