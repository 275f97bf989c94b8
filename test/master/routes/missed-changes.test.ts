import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { FoundDifference, History } from '../../../master/history/history.ts';
import { MissedChanges } from '../../../master/routes/missed-changes.ts';
import { silentLogger } from '../../../src/logger.ts';

const everything = { key: '', resource: () => true, relation: () => true };

function found(options: Partial<FoundDifference> = {}): FoundDifference {
  const moment = { segment: 's', epoch: 'abcd0123', revision: 9, timestamp: 't9', time: 9, sealed: false, size: 1 };
  return {
    from: { ...moment, revision: 1 },
    to: moment,
    resources: { added: ['{"id":"a"}'], changed: [], removed: ['b'] },
    relations: { added: [], changed: [], removed: [{ type: 'runs', source: 's', target: 't' }] },
    touched: new Map(),
    changes: new Map(),
    completeness: '{"complete":true}',
    gaps: [],
    ...options,
  };
}

function open(difference: () => Promise<FoundDifference>, most?: number) {
  const history = { difference } as Partial<History> as History;
  return new MissedChanges({
    context: { epoch: 'abcd0123', history },
    logger: silentLogger,
    ...(most ? { most } : {}),
  });
}

describe('what a reader missed', () => {
  test('is one change, in the form of the stream', async () => {
    const missed = await open(async () => found()).since(1, everything, '');
    expect(missed?.revision).toBe(9);
    expect(JSON.parse(missed?.line ?? '')).toEqual({
      revision: 9,
      timestamp: 't9',
      resources: { added: [{ id: 'a' }], removed: ['b'] },
      relations: { removed: [{ type: 'runs', source: 's', target: 't' }] },
      completeness: { complete: true },
    });
  });

  test.each([
    ['of another process', async () => found({ to: { ...found().to, epoch: 'ffffffff' } })],
    ['with a gap in it', async () => found({ gaps: [{ from: 'a', to: 'b', reason: 'overload' as const }] })],
    ['that cannot be read', () => Promise.reject(new Error('no disk'))],
  ])('is nothing where it is of a history %s', async (_, difference) => {
    expect(await open(difference).since(1, everything, '')).toBeUndefined();
  });

  test('is told to no more readers than may leave it unread, and again when it was read', async () => {
    const missed = open(async () => found(), 300);
    const streams = [1, 2].map(() => new PassThrough({ highWaterMark: 10 }));
    const first = await missed.since(1, everything, '');
    for (const stream of streams) missed.write(stream, first?.line ?? '');
    expect(await missed.since(1, everything, '')).toBeUndefined();
    streams[0]?.resume();
    streams[1]?.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await missed.since(1, everything, '')).toBeDefined();
  });
});
