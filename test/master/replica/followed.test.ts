import { expect, test } from 'vitest';
import { Followed } from '../../../master/replica/followed.ts';

function followedOf(most?: number) {
  const [said, begun, ended]: [string[], string[], string[]] = [[], [], []];
  const followed = new Followed({
    logger: { warn: ((_: object, text: string) => said.push(text)) as never, info: (() => {}) as never },
    follow(cluster) {
      begun.push(cluster);
      return { close: async () => void ended.push(cluster) };
    },
    ...(most === undefined ? {} : { most }),
  });
  return { followed, said, begun, ended };
}

test('as many clusters as there may be are followed; the others are told once, and counted', async () => {
  const { followed, said, begun, ended } = followedOf(3);
  const { check, note } = followed.check();
  for (const name of ['a', 'b', 'a', 'c']) followed.add(name);
  expect([said, note?.()]).toEqual([[], undefined]);
  for (const name of ['d', 'e', 'd', 'a']) followed.add(name);
  expect(begun).toEqual(['a', 'b', 'c']);
  expect(said).toEqual(['more than 3 clusters publish: the others are not followed']);
  expect(note?.()).toBe(
    '3 are followed; 2 clusters more publish and are left out: choose with CLUSTER_INSIGHT_CLUSTERS',
  );
  expect(check()).toBe(true);
  await followed.close();
  expect(ended).toEqual(['a', 'b', 'c']);
});

test('a thousand are followed where nothing else is said, and names without end take no memory without end', () => {
  const { followed, begun } = followedOf();
  for (let i = 0; i < 12_000; i++) followed.add(`cluster-${i}`);
  expect(begun).toHaveLength(1_000);
  expect(followed.check().note?.()).toContain('at least 10000 clusters more publish');
});
