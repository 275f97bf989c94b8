import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createWorld, step } from '../../support/random-steps.ts';
import { createRecordedApp, type RecordedAppOptions } from '../../support/recorded-app.ts';

/** The graph's clock advances with each reading, so that every moment is unique. */
function createTime() {
  let now = Date.now() - 3_600_000;
  return { clock: () => ++now, now: () => now };
}

function open(options: RecordedAppOptions = {}) {
  const recorded = createRecordedApp(options);
  onTestFinished(() => recorded.close());
  return recorded;
}

describe('the graph at a moment', () => {
  test('is, byte for byte, what /cluster answered then, at two hundred moments while everything changes', async () => {
    const time = createTime();
    const recorded = open({ clock: time.clock });
    const world = createWorld(recorded);
    const steps = fc.sample(step, { numRuns: 420, seed: 19 });
    for (const each of steps.slice(0, 20)) world.run(each);
    await recorded.start();
    const seen: { readonly at: string; readonly text: string }[] = [];
    for (const [i, each] of steps.slice(20).entries()) {
      world.run(each);
      if (i % 2 > 0) continue;
      const { text } = await recorded.ask('/cluster?completeness=full');
      seen.push({ at: new Date(time.now()).toISOString(), text });
    }
    expect(seen.length).toBe(200);
    expect(new Set(seen.map(({ text }) => text)).size).toBeGreaterThan(100);
    for (const { at, text } of seen) {
      const then = await recorded.ask(`/cluster?completeness=full&at=${at}`);
      expect({ at, text: then.text }).toEqual({ at, text });
    }
  }, 60_000);

  test('answers every question and form as it was answered then', async () => {
    const time = createTime();
    const recorded = open({ clock: time.clock });
    const world = createWorld(recorded);
    for (const each of fc.sample(step, { numRuns: 150, seed: 5 })) world.run(each);
    await recorded.start();
    const pod = [...world.objects.keys()].find((id) => id.startsWith('Pod:')) ?? '';
    const questions = [
      '/cluster?type=pod,svc&neighbours=true',
      '/cluster?namespace=n1',
      '/cluster?labelSelector=app%3Dx',
      '/cluster?fieldSelector=status.phase%3DRunning',
      '/cluster?health=!ok',
      '/cluster?missing=true',
      '/cluster?q=a&properties=false',
      `/cluster?root=${pod}&depth=2`,
      `/cluster?root=${pod}&direction=up`,
      '/cluster?format=ndjson',
      '/cluster?format=cytoscape',
      '/debug',
      '/cluster/groups?by=namespace',
      '/cluster/groups?by=node',
      '/cluster/groups?by=type',
      '/cluster/resources',
      '/cluster/resources/Pod',
      `/cluster/resources/Pod/${pod.slice(4)}`,
      `/cluster/impact?of=${pod}`,
      `/cluster/path?from=${pod}&to=Cluster:test`,
      '/cluster/search?q=web',
      '/cluster/search?q=a&type=pod&limit=2',
    ];
    const before = [];
    for (const question of questions) before.push(await recorded.ask(question));
    const at = new Date(time.now()).toISOString();
    for (const each of fc.sample(step, { numRuns: 150, seed: 6 })) world.run(each);
    for (const [i, question] of questions.entries()) {
      const then = await recorded.ask(`${question}${question.includes('?') ? '&' : '?'}at=${at}`);
      // Findings are shown for the present only.
      const shown = (text = '') => {
        const plain = text.replace(/,\n"findings":(\{.*\}|\[.*\])(?=,\n|\}\n?$)/, '');
        return question.includes('/groups') ? withoutMoments(plain) : plain;
      };
      expect({ question, status: then.status, text: shown(then.text) }).toEqual({
        question,
        status: before[i]?.status,
        text: shown(before[i]?.text),
      });
    }
  }, 60_000);

  test('comes in pages, too, all of one moment', async () => {
    const time = createTime();
    const recorded = open({ clock: time.clock });
    const world = createWorld(recorded);
    for (const each of fc.sample(step, { numRuns: 60, seed: 7 })) world.run(each);
    await recorded.start();
    const whole = await recorded.json<Page>('/cluster');
    const at = new Date(time.now()).toISOString();
    for (const each of fc.sample(step, { numRuns: 60, seed: 8 })) world.run(each);
    const found: unknown[] = [];
    for (let cursor = ''; ; ) {
      const page = await recorded.json<Page>(`/cluster?at=${at}&limit=5${cursor && `&cursor=${cursor}`}`);
      found.push(...page.resources, ...page.relations);
      if (page.cursor === undefined) break;
      cursor = page.cursor;
    }
    expect(found).toEqual([...whole.resources, ...whole.relations]);
  });

  test('is of the revision that is asked for, and of none of another process', async () => {
    const time = createTime();
    const recorded = open({ clock: time.clock });
    const world = createWorld(recorded);
    await recorded.start();
    const seen: { readonly revision: number; readonly text: string }[] = [];
    for (const each of fc.sample(step, { numRuns: 40, seed: 9 })) {
      world.run(each);
      seen.push({ revision: recorded.engine.revision, text: (await recorded.ask('/cluster')).text });
    }
    for (const { revision, text } of seen) {
      const then = await recorded.ask(`/cluster?at=abcd0123-${revision}`);
      expect(then.text).toBe(text);
      expect(then.headers['etag']).toBe(`"abcd0123-${revision}"`);
      expect(then.headers['cache-control']).toContain('immutable');
    }
    expect((await recorded.ask('/cluster?at=ffffffff-1')).status).toBe(410);
    expect((await recorded.ask('/cluster?at=abcd0123-99999')).status).toBe(410);
  });

  test.each([
    ['2999-01-01T00:00:00Z', 400, 'bad_parameter'],
    ['yesterday', 400, 'bad_parameter'],
    ['-15', 400, 'bad_parameter'],
    ['2001-01-01T00:00:00Z', 410, 'history_expired'],
    ['-400d', 410, 'history_expired'],
  ])('asked for %s it says %i %s', async (at, status, code) => {
    const recorded = open();
    await recorded.start();
    const answer = await recorded.ask(`/cluster?at=${at}`);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
    if (code === 'history_expired') expect(answer.text).toMatch(/oldest moment that is kept is \d{4}-/);
  });

  test('is refused before the first sync is done', async () => {
    const recorded = open();
    const { status, text } = await recorded.ask('/cluster?at=-1s');
    expect([status, JSON.parse(text).code]).toEqual([404, 'history_off']);
  });

  test('of a graph beyond the bound is told where the question is narrow, and refused where it is not', async () => {
    const recorded = open({ most: 20 });
    const world = createWorld(recorded);
    for (const each of fc.sample(step, { numRuns: 200, seed: 11 })) world.run(each);
    await recorded.start();
    const at = new Date().toISOString();
    const live = await recorded.ask('/cluster/resources/ConfigMap');
    expect((await recorded.ask(`/cluster/resources/ConfigMap?at=${at}`)).text).toBe(live.text);
    const refused = await recorded.ask(`/cluster?format=cytoscape&at=${at}`);
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([413, 'query_too_large']);
  });

  test('kept in memory answers as one in a folder, and says where it is', async () => {
    const recorded = open({ memory: true });
    const world = createWorld(recorded);
    for (const each of fc.sample(step, { numRuns: 40, seed: 12 })) world.run(each);
    await recorded.start();
    const { text } = await recorded.ask('/cluster');
    const at = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const each of fc.sample(step, { numRuns: 40, seed: 13 })) world.run(each);
    expect((await recorded.ask(`/cluster?at=${at}`)).text).toBe(text);
    expect(await recorded.json('/cluster/history')).toMatchObject({ place: 'memory', state: { state: 'recording' } });
  });
});

/** Present groups may remember when they last lost something; past ones cannot. */
function withoutMoments(text: string): string {
  return text.replaceAll(/"timestamp":"[^"]*"/g, '');
}

interface Page {
  readonly resources: readonly unknown[];
  readonly relations: readonly unknown[];
  readonly cursor?: string;
}
