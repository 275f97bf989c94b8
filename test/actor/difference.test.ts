// The list of changes that is shown before an approval.
import { describe, expect, test } from 'vitest';
import { differenceOf } from '../../actor/difference.ts';
import type { KubernetesObject } from '../../src/model.ts';

const labelled = (count: number, value: string) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, value])) },
  }) as unknown as KubernetesObject;

describe('what would change', () => {
  test.each([1, 57, 200])('is shown whole: %i fields', (count) => {
    expect(differenceOf(labelled(count, 'a'), labelled(count, 'b'))).toHaveLength(count);
  });

  test.each([201, 5_000])('is refused where it cannot be shown whole: %i fields', (count) => {
    expect(() => differenceOf(labelled(count, 'a'), labelled(count, 'b'))).toThrow('too many to show');
  });
});
