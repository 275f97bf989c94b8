import { expect, test } from 'vitest';
import { Usage } from '../../../ui/live/usage.ts';

function usageOver(answers: readonly (object | Error)[]) {
  const asked: string[] = [];
  const waits: (() => void)[] = [];
  let updates = 0;
  const usage = new Usage({
    api: {
      ask: async (path: string) => {
        const answer = answers[asked.push(path) - 1];
        if (answer instanceof Error) throw answer;
        return answer === undefined ? undefined : ({ body: answer, etag: undefined } as never);
      },
    },
    delay: () => new Promise((resolve) => void waits.push(resolve)),
    isHidden: () => false,
    onUpdate: () => updates++,
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { usage, asked, waits, settled, updates: () => updates };
}

const numbers = { families: {}, requests: {}, limits: {} };

test('the numbers of a view are asked for at once and each minute; another view has none of them', async () => {
  const { usage, asked, waits, settled, updates } = usageOver([
    { resources: { 'Container:a/b/c': numbers } },
    { resources: {} },
    { resources: { 'Node:n': numbers } },
  ]);
  usage.follow('cluster/metrics?root=Namespace%3Aa');
  usage.follow('cluster/metrics?root=Namespace%3Aa');
  await settled();
  expect([asked.length, [...usage.numbers.keys()], updates()]).toEqual([1, ['Container:a/b/c'], 1]);
  waits[0]?.();
  await settled();
  expect([asked.length, usage.numbers.size]).toEqual([2, 0]);
  usage.follow('cluster/metrics?root=Namespace%3Ab');
  await settled();
  expect([...usage.numbers.keys()]).toEqual(['Node:n']);
  usage.follow('');
  expect(usage.numbers.size).toBe(0);
});

test('a failure leaves what is known, and is tried again', async () => {
  const { usage, asked, waits, settled } = usageOver([{ resources: { n: numbers } }, new Error('offline')]);
  usage.follow('q');
  await settled();
  waits[0]?.();
  await settled();
  expect([asked.length, usage.numbers.size]).toEqual([2, 1]);
});
