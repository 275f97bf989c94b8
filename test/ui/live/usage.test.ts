import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeOf, questionsOf, Usage } from '../../../ui/live/usage.ts';

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
  usage.follow(['cluster/metrics?root=Namespace%3Aa']);
  usage.follow(['cluster/metrics?root=Namespace%3Aa']);
  await settled();
  expect([asked.length, [...usage.numbers.keys()], updates()]).toEqual([1, ['Container:a/b/c'], 1]);
  waits[0]?.();
  await settled();
  expect([asked.length, usage.numbers.size]).toEqual([2, 0]);
  usage.follow(['cluster/metrics?root=Namespace%3Ab']);
  await settled();
  expect([...usage.numbers.keys()]).toEqual(['Node:n']);
  usage.follow([]);
  expect(usage.numbers.size).toBe(0);
});

test('a failure leaves what is known, and is tried again', async () => {
  const { usage, asked, waits, settled } = usageOver([{ resources: { n: numbers } }, new Error('offline')]);
  usage.follow(['q']);
  await settled();
  waits[0]?.();
  await settled();
  expect([asked.length, usage.numbers.size]).toEqual([2, 1]);
});

test('several questions make one set of numbers; where one fails those of before stay', async () => {
  const { usage, asked, waits, settled } = usageOver([
    { resources: { a: numbers } },
    { resources: { b: numbers } },
    { resources: { c: numbers } },
    new Error('offline'),
  ]);
  usage.follow(['p', 'q']);
  await settled();
  expect([asked, [...usage.numbers.keys()]]).toEqual([
    ['p', 'q'],
    ['a', 'b'],
  ]);
  waits[0]?.();
  await settled();
  expect([asked.length, [...usage.numbers.keys()]]).toEqual([4, ['a', 'b']]);
});

test('nodes are asked for once each, in lines that servers take, and what is on no node is not asked for', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 30 }), (names) => {
      const questions = questionsOf(names.map((name) => nodeOf({ id: `ResourceGroup:${name}` })));
      const ids = questions.flatMap((each) => new URLSearchParams(each).getAll('of'));
      const wanted = names.filter((name) => name !== '' && !name.endsWith(':')).map((name) => `Node:${name}`);
      expect(ids.toSorted()).toEqual(wanted.map((id) => id.toWellFormed()).toSorted());
      expect(questions.every((each) => each.length <= 6_000)).toBe(true);
    }),
  );
  expect(questionsOf([])).toEqual([]);
  const many = Array.from({ length: 1000 }, (_, n) => `Node:ip-10-0-${n}.eu-west-1.compute.internal`);
  expect(questionsOf(many).every((each) => each.length <= 6_000)).toBe(true);
});
