import { expect, test } from 'vitest';
import type { PastQuestion } from '../../../../master/series/past-numbers.ts';
import { AskedNumbers } from '../../../../master/sources/prometheus/asked-numbers.ts';
import type { RangeAnswer } from '../../../../master/sources/prometheus/prometheus.ts';
import { fault } from '../../../../src/errors.ts';

const container = (pod: string, name = 'app') => ({
  ...{ id: `Container:shop/${pod}/${name}`, namespace: 'shop', pod, container: name },
});
const question = (...pods: string[]): PastQuestion => ({
  ...{ containers: pods.map((pod) => container(pod)), nodes: [], from: 10, to: 12, step: 60_000 },
});
const signal = () => new AbortController().signal;
const number = (of: string, labels: object, values: readonly number[]) => ({
  labels: { insight_number: of, ...labels } as { [label: string]: string },
  values,
});

function asking(answer: () => Promise<RangeAnswer>) {
  let now = 0;
  const asked: string[] = [];
  const prometheus = {
    range(text: string) {
      asked.push(text);
      return answer();
    },
  };
  const numbers = new AskedNumbers({ prometheus, match: '', clock: () => now });
  return { numbers, asked, pass: (ms: number) => void (now += ms) };
}

const nothing: RangeAnswer = { series: [], warning: undefined };

test('equal questions at one time are one request, and are answered for half a minute', async () => {
  const { numbers, asked, pass } = asking(async () => nothing);
  await Promise.all([numbers.ask(question('a'), signal()), numbers.ask(question('a'), signal())]);
  pass(29_000);
  await numbers.ask(question('a'), signal());
  expect(asked).toHaveLength(1);
  pass(2000);
  await numbers.ask(question('a'), signal());
  await numbers.ask(question('b'), signal());
  expect(asked).toHaveLength(3);
});

test('a failed question fails for all its callers, and is asked again a little later', async () => {
  const { numbers, asked, pass } = asking(() => Promise.reject(fault('prometheus_failed', { reason: 'it is away' })));
  const all = await Promise.allSettled([1, 2].map(() => numbers.ask(question('a'), signal())));
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(numbers.ask(question('a'), signal())).rejects.toThrow('it is away');
  expect(asked).toHaveLength(1);
  pass(6000);
  await expect(numbers.ask(question('a'), signal())).rejects.toThrow('it is away');
  expect(asked).toHaveLength(2);
});

test('a caller that leaves does not end the question of the others', async () => {
  const told = Promise.withResolvers<RangeAnswer>();
  const { numbers } = asking(() => told.promise);
  const gone = new AbortController();
  const [first, second] = [numbers.ask(question('a'), gone.signal), numbers.ask(question('a'), signal())];
  gone.abort();
  await expect(first).rejects.toThrow(expect.objectContaining({ code: 'client_gone' }));
  told.resolve(nothing);
  expect((await second).known).toBe(0);
  await expect(numbers.ask(question('a'), gone.signal)).rejects.toThrow('closed the connection');
});

test('more questions than can wait are refused', async () => {
  const { numbers } = asking(() => new Promise(() => undefined));
  const all = Array.from({ length: 40 }, (_, at) => numbers.ask(question(`p${at}`), signal()));
  await expect(
    Promise.any(all.map((each) => each.then(Promise.reject, (error: unknown) => error))),
  ).resolves.toMatchObject({
    code: 'overloaded',
  });
});

test('the best agent wins, what a Pod shares is of each container, and what was not asked for is left out', async () => {
  const place = { namespace: 'shop', pod: 'a', container: 'app' };
  const { numbers } = asking(async () => ({
    warning: 'a store is away',
    series: [
      number('cadvisor/cpu', place, [1, 2, 3]),
      number('minion/cpu', { container_id: '/k8s/shop/a/app' }, [4, 5, 6]),
      number('cadvisor/networkSent', { namespace: 'shop', pod: 'a' }, [7, 8, 9]),
      number('cadvisor/memory', { ...place, pod: 'other' }, [1, 1, 1]),
      number('cadvisor/constructor', place, [1, 1, 1]),
      number('nobody/cpu', place, [1, 1, 1]),
      { labels: {}, values: [1, 1, 1] },
    ],
  }));
  const answer = await numbers.ask(
    { ...question('a'), containers: [container('a'), container('a', 'side')] },
    signal(),
  );
  expect([answer.known, answer.partly]).toEqual([2, 'it warns: "a store is away"']);
  expect(answer.of('Container:shop/a/app')).toEqual(['cpu', 'networkSent']);
  expect(answer.values('Container:shop/a/app', 'cpu', 9, 13)).toEqual([Number.NaN, 4, 5, 6, Number.NaN]);
  expect(answer.of('Container:shop/a/side')).toEqual(['networkSent']);
  expect([answer.facts('Container:shop/a/app'), answer.facts('Container:shop/b/app')]).toEqual([
    { by: 'prometheus' },
    undefined,
  ]);
});
