// A graph that is too large to be built is read along a question's way; the answer equals the one given then.
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { createRecordedApp, type RecordedAppOptions } from '../../support/recorded-app.ts';

function open(options: RecordedAppOptions = {}) {
  const recorded = createRecordedApp(options);
  onTestFinished(() => recorded.close());
  return recorded;
}

interface Listed {
  readonly resources: readonly { readonly id: string }[];
}

const sought = ['a', 'web', 'n1/a', 'app=x', 'pod:a', 'n1 web', 'uid-1', 'imgae', 'containre'];

/** All kinds of answers: JSON, pictures and refusals. */
function questionsOf(ids: readonly string[], i: number): readonly string[] {
  const at = (n: number) => encodeURIComponent(ids[(i * 7 + n * 13) % ids.length] ?? '');
  const [a, b, c] = [at(0), at(1), at(2)];
  return [
    `/cluster/path?from=${a}&to=${b}`,
    `/cluster/path?from=${b}&to=${c}&length=3`,
    `/cluster/path?from=${a}&to=${c}&direction=down&hubs=true`,
    `/cluster/path?from=${c}&to=${b}&relation=!runs&format=dot`,
    `/cluster/impact?of=${a}`,
    `/cluster/impact?of=${b},${c}&parts=true&reasons=false`,
    `/cluster/impact?of=${c}&depth=1&format=ndjson&ids=true`,
    `/cluster/impact?of=Pod:n1/nothing-is-there`,
    `/cluster/path?from=pod/a&to=${b}`,
    `/cluster/search?q=${a}&limit=3`,
    `/cluster/search?q=${encodeURIComponent(sought[i % sought.length] ?? '')}`,
    `/cluster/search?q=${encodeURIComponent(sought[(i * 3) % sought.length] ?? '')}&type=pod,svc&health=!done&limit=2`,
  ];
}

/** A refusal contains its time. */
function untimed(status: number, text: string): string {
  // Which three of many names that fit equally well are suggested follows the index that found them.
  return status < 400 ? text : text.replace(/"timestamp":"[^"]*"/, '').replace(/; there is [^"]*/, '');
}

describe('a graph too large to be put together', () => {
  test.each([1, 2, 3])(
    'tells paths, what depends on something and what a search finds as it was told then, byte for byte (%i)',
    async (seed) => {
      const recorded = open({ most: 3 });
      const world = createWorld(recorded);
      for (const each of fc.sample(step, { numRuns: 150, seed })) world.run(each);
      await recorded.start();
      const { resources } = await recorded.json<Listed>('/cluster/resources');
      const ids = resources.map(({ id }) => id);
      const seen: { readonly question: string; readonly status: number; readonly text: string }[] = [];
      for (let i = 0; i < 9; i++)
        for (const question of questionsOf(ids, i)) {
          const { status, text } = await recorded.ask(question);
          seen.push({ question, status, text: untimed(status, text) });
        }
      expect(seen.filter(({ status }) => status === 200).length).toBeGreaterThan(40);
      const at = `abcd0123-${recorded.engine.revision}`;
      for (const each of fc.sample(step, { numRuns: 30, seed: seed + 50 })) world.run(each);
      for (const { question, ...told } of seen) {
        const { status, text } = await recorded.ask(`${question}&at=${at}`);
        expect({ question, status, text: untimed(status, text) }).toEqual({ question, ...told });
      }
    },
  );

  test('visits only the resources on the way, and says what to do where these are too many', async () => {
    const recorded = open({ most: 30, mostWalked: 30 });
    for (const name of ['few', 'many'])
      recorded.store.sinkOf(kindNamed('Node')).event('ADDED', { metadata: { name, uid: name } } as never);
    for (let i = 0; i < 60; i++)
      recorded.store.sinkOf(kindNamed('Pod')).event('ADDED', {
        metadata: { name: `p${i}`, namespace: 'n1', uid: `p${i}` },
        spec: { nodeName: i < 3 ? 'few' : 'many' },
      } as never);
    await recorded.start();
    const at = `&at=abcd0123-${recorded.engine.revision}`;
    const few = await recorded.ask('/cluster/impact?of=Node:few');
    expect(few.text).toContain('Pod:n1/p2');
    expect((await recorded.ask(`/cluster/impact?of=Node:few${at}`)).text).toBe(few.text);
    const many = await recorded.ask(`/cluster/impact?of=Node:many${at}`);
    expect([many.status, JSON.parse(many.text)]).toMatchObject([413, { code: 'query_too_large' }]);
    expect(many.text).toContain('depth=');
  });
});
