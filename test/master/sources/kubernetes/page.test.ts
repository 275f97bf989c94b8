import { expect, test } from 'vitest';
import { freeSpare, giveBack, objectsOf, takeMemory } from '../../../../master/sources/kubernetes/page.ts';

function pageOf(text: string) {
  const bytes = Buffer.from(text);
  const memory = new ArrayBuffer(bytes.length);
  bytes.copy(Buffer.from(memory));
  return { apiVersion: 'v1', kind: 'Pod', memory, length: bytes.length };
}

test.each(['{"items":[]}', '{"items":null}', '{"metadata":{},"items":[]}'])('%s is an empty list', (text) => {
  expect(objectsOf(pageOf(text))).toEqual([]);
});

test.each([
  '{"items":{"metadata":{"name":"a"}}}',
  '{"items":"none"}',
  '{"items":0}',
  '{"items":false}',
  '{}',
  '{"kind":"Status","status":"Failure"}',
  '[]',
  'null',
  '"list"',
])('%s is not a list', (text) => {
  expect(() => objectsOf(pageOf(text))).toThrow(/the API server answered (no list|a list without items)/);
});

test('memory of pages is kept for the next ones, and freed when none came for long', () => {
  const [one, other] = [takeMemory(), takeMemory()];
  giveBack(one);
  giveBack(other);
  freeSpare();
  expect(takeMemory()).toBe(other);
  giveBack(other);
  freeSpare();
  expect([one.detached, other.detached]).toEqual([true, false]);
  freeSpare();
  expect(other.detached).toBe(true);
  expect(takeMemory(10).byteLength).toBeGreaterThan(10);
});
