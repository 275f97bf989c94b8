// Health compared with kubectl's output for the same objects.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../master/health/index.ts';
import { podRestarts } from '../../../master/health/pod-status.ts';
import type { KubernetesObject } from '../../../src/model.ts';

interface Printed {
  readonly printed: { readonly status: string; readonly ready?: string; readonly restarts?: string };
  readonly state: string;
  readonly object: KubernetesObject;
}

const printed = (file: string): Printed[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/printed', file), 'utf8'));

describe.each([
  { file: 'pods.json', least: 40 },
  { file: 'others.json', least: 20 },
])('of $file', ({ file, least }) => {
  const cases = printed(file);

  test('there are many', () => expect(cases.length).toBeGreaterThanOrEqual(least));

  test.each(cases.map((one) => ({ ...one, name: `${one.object.kind} ${one.object.metadata.name}` })))(
    '$name: kubectl prints $printed.status, and it is $state',
    ({ object, printed: { status, ready, restarts }, state }) => {
      const health = healthOf(object.kind ?? '', object);
      expect(health).toMatchObject({ state, reason: status });
      if (ready !== undefined) expect(health?.ready).toBe(ready);
      if (restarts !== undefined) expect(String(podRestarts(object).count)).toBe(restarts);
    },
  );
});
