import { describe, expect, test } from 'vitest';
import { checkLooked, linesOf, tellingGaps } from '../../../cli/sources/gaps.ts';
import { type Source, usualNames } from '../../../cli/sources/source.ts';
import type { SourceState } from '../../../src/model.ts';

const state = (word: string, reason?: string) =>
  ({ state: word, since: '2026-01-01T00:00:00.000Z', ...(reason ? { reason } : {}) }) as SourceState;

describe('the gaps of an answer', () => {
  test.each([
    [
      'nothing where all is read',
      { complete: true, kinds: { Pod: state('synced') }, minions: { a: state('synced') } },
      [],
    ],
    [
      'nothing of what was chosen, or is not served',
      { complete: true, kinds: { Secret: state('excluded'), Job: state('absent') }, minions: {} },
      [],
    ],
    [
      'what is forbidden, with what can be done',
      { complete: false, kinds: { Lease: state('forbidden'), Pod: state('forbidden', 'pods is forbidden') } },
      ['not complete: 2 kinds (Pod, Lease: pods is forbidden) may not be read; ask for less'],
    ],
    [
      'the first of many',
      {
        complete: false,
        kinds: Object.fromEntries(['A', 'B', 'C', 'Node', 'Pod'].map((type) => [type, state('stale')])),
      },
      ['not complete: 5 kinds (Pod, Node, A, …) could not be read, and may have changed since'],
    ],
    [
      'states of another kind, by their names',
      { complete: false, kinds: { Pod: state('syncing', 'refused'), Node: state('unknown') } },
      ['not complete: 1 kind (Pod: refused) are not read yet', 'not complete: 1 kind (Node) are unknown'],
    ],
    [
      'minions',
      { complete: false, kinds: {}, minions: { 'node-a': state('stale', 'no answer') } },
      ['not complete: 1 minion (node-a: no answer) does not answer'],
    ],
    [
      'API groups that did not answer',
      { complete: false, kinds: {}, groups: { 'dead.example.com/v1': state('unknown', '503') } },
      ['not complete: 1 API group (dead.example.com/v1: 503) did not answer'],
    ],
    ['that nothing is known at all', { complete: false, kinds: {} }, ['not complete: the cluster is not read yet']],
    ['why nothing is', { complete: false, reason: 'no route' }, ['not complete: no route']],
  ])('are %s', (_, completeness, lines) => {
    expect(linesOf(completeness, 'ask for less')).toEqual(lines);
  });

  const answering = (status: number, completeness: object): Source => ({
    name: 'it',
    namespace: undefined,
    names: usualNames,
    ask: async () => ({
      status,
      body: (async function* () {
        yield JSON.stringify({ success: true, resources: [], completeness });
      })(),
    }),
    post: () => Promise.reject(new Error('nothing is posted here')),
    close: async () => {},
  });

  test('are told once, after what was asked was answered', async () => {
    const told: string[] = [];
    const source = tellingGaps(answering(200, { complete: false, kinds: {} }), (line) => told.push(line));
    await source.ask('/cluster');
    await source.ask('/cluster');
    expect(told).toEqual([]);
    await source.close();
    expect(told).toEqual(['not complete: the cluster is not read yet']);
  });

  test('are not told beside a failure, which says more', async () => {
    const told: string[] = [];
    const source = tellingGaps(answering(503, { complete: false, kinds: {} }), (line) => told.push(line));
    await source.ask('/cluster');
    await source.close();
    expect(told).toEqual([]);
  });
});

describe('an empty answer', () => {
  const kinds = {
    Pod: state('forbidden', 'pods is forbidden: User "a" cannot list resource "pods"'),
    Job: state('stale'),
  };

  test.each([
    [['Pod'], /^Forbidden: Pod cannot be listed in namespace a: pods is forbidden: User "a"/],
    [['Service', 'Pod'], /^Forbidden: Pod/],
    [['Job'], /^Job could not be read, .* in namespace a/],
  ])('of %j is an error if the type could not be listed', (types, words) => {
    expect(() => checkLooked({ completeness: { kinds } }, types, ' in namespace a')).toThrow(words);
  });

  test.each([[['Service']], [['Node', 'Service']], [[]]])(
    'of %j is no error if the type was listed or is not served',
    (types) => {
      const known = { ...kinds, Node: state('synced'), Service: state('absent') };
      expect(() => checkLooked({ completeness: { kinds: known } }, types, '')).not.toThrow();
      expect(() => checkLooked({}, types, '')).not.toThrow();
    },
  );
});
