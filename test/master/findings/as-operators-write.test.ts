// All rules over manifests as operators write them: silent about right ones, and each fault of the others is told.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../../src/model.ts';
import { findingGraph } from '../../support/finding-graph.ts';

interface Manifests {
  readonly says: string;
  readonly objects: readonly KubernetesObject[];
  readonly live?: true;
  /** `name resource`; the first is the fault, and others may say what it leads to. */
  readonly finds?: readonly string[];
}

const folder = join(import.meta.dirname, '../../fixtures/findings');
const read = (name: string) => parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')) as readonly Manifests[];

function foundIn({ objects, live }: Manifests): string[] {
  const graph = findingGraph(objects, live ? {} : { ofFiles: true });
  expect(graph.problems).toEqual([]);
  const told = graph.found().filter((each) => each.class !== 'advice');
  return told.map(({ name, resource, sentence }) => `${name} ${resource}|${sentence}`);
}

function named(found: readonly string[]): string[] {
  return found.map((each) => each.split('|')[0] as string).sort();
}

describe('nothing is wrong with', () => {
  const right = read('right');
  test('at least thirty of them', () => expect(right.length).toBeGreaterThanOrEqual(30));
  test.each(right)('$says', (one) => {
    expect(foundIn(one)).toEqual([]);
  });
});

describe('the fault is told of', () => {
  const wrong = read('wrong');
  test('at least thirty of them', () => expect(wrong.length).toBeGreaterThanOrEqual(30));
  test.each(wrong)('$says', (one) => {
    expect(named(foundIn(one))).toEqual([...(one.finds ?? [])].sort());
  });
});
