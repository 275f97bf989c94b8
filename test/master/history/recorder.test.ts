// The recorder with a thread whose answers the test defines.
import { afterEach, describe, expect, test } from 'vitest';
import { Subscriptions } from '../../../master/graph/subscription.ts';
import type { Asks } from '../../../master/history/asks.ts';
import { Recorder } from '../../../master/history/recorder.ts';
import type { RevisionRecord } from '../../../master/history/records.ts';
import { ThreadFailure } from '../../../master/history/threads.ts';
import { createTurns } from '../../../master/turns.ts';
import { eventually } from '../../support/engines/daemon.ts';
import { createGraph, kindNamed } from '../../support/random-cluster.ts';

type Asked = {
  readonly [what in keyof Asks]: { readonly what: what; readonly asked: Asks[what]['asked'] };
}[keyof Asks];

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** `answers` may be late, or fail. */
function open(answers: (what: keyof Asks) => Promise<unknown> = async () => undefined, options: object = {}) {
  const graph = createGraph(() => Date.now());
  const heard: Asked[] = [];
  const said: string[] = [];
  const subscriptions = new Subscriptions(graph.engine);
  const recorder = new Recorder({
    graph: graph.engine,
    subscriptions,
    thread: {
      ask: async (what, asked) => {
        heard.push({ what, asked } as Asked);
        const answer = await answers(what);
        return (what === 'write' || what === 'look' ? { wantsRoll: answer === true, end: 0 } : answer) as never;
      },
    },
    epoch: 'abcd0123',
    references: false,
    turns: createTurns(),
    clock: Date.now,
    logger: {
      info: (text: string) => void said.push(text),
      warn: (...words: unknown[]) => void said.push(words.join(' ')),
    } as never,
    times: { together: 1, again: 5, look: 60_000 },
    ...options,
  });
  closing.push(async () => {
    await recorder.close();
    subscriptions.close();
  });
  const put = (name: string, size = 10) =>
    graph.store.sinkOf(kindNamed('ConfigMap')).event('MODIFIED', {
      metadata: { name, namespace: 'n1', uid: name, annotations: { x: 'x'.repeat(size) } },
    } as never);
  return { graph, recorder, heard, said, put };
}

const recordsIn = ({ revisions }: { readonly revisions: string }) => JSON.parse(revisions) as RevisionRecord[];
const revisionsIn = (heard: readonly Asked[]) =>
  heard.flatMap((each) => (each.what === 'write' ? recordsIn(each.asked).map(({ revision }) => revision) : []));

describe('the recorder', () => {
  test('hands over a keyframe, then every revision once and in order', async () => {
    const { recorder, heard, put, graph } = open();
    put('a');
    await recorder.start();
    for (let i = 0; i < 30; i++) put(`b${i % 5}`, i);
    await recorder.flush();
    expect(heard.slice(0, 3).map(({ what }) => what)).toEqual(['begin', 'key', 'keyed']);
    const [begin] = heard;
    const first = begin?.what === 'begin' ? begin.asked.revision : 0;
    const found = revisionsIn(heard);
    expect(found).toEqual(Array.from({ length: graph.engine.revision - first }, (_, i) => first + 1 + i));
  });

  test('begins another segment when the thread asks for it, without losing a revision between the two', async () => {
    let rolls = 0;
    const { recorder, heard, put } = open(async (what) => what === 'write' && ++rolls % 3 === 0);
    await recorder.start();
    for (let i = 0; i < 40; i++) {
      put(`a${i % 3}`, i);
      await recorder.flush();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await eventually('the last roll', 30_000, async () => recorder.state.state === 'recording');
    const begins = heard.flatMap((each) => (each.what === 'begin' ? [each.asked] : []));
    expect(begins.length).toBeGreaterThan(2);
    expect(begins.slice(1).map(({ gap }) => gap)).toEqual(begins.slice(1).map(() => undefined));
    let last = begins[0]?.revision ?? 0;
    for (const each of heard) {
      if (each.what === 'begin') expect(each.asked.revision).toBe(last);
      if (each.what !== 'write') continue;
      for (const { revision } of recordsIn(each.asked)) expect(revision).toBe(++last);
    }
  });

  test('leaves a gap where the thread is too slow, and never keeps the graph waiting', async () => {
    const release = Promise.withResolvers<void>();
    let isSlow = false;
    const { recorder, heard, said, put, graph } = open(
      async (what) => what === 'write' && isSlow && (await release.promise),
      {
        underWay: 10_000,
      },
    );
    await recorder.start();
    isSlow = true;
    // More than the log of changes holds: forgotten ones cannot be recorded any more.
    for (let i = 0; i < 70; i++) {
      put(`a${i}`, 1 << 20);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(graph.engine.order.size).toBeGreaterThan(70);
    expect(graph.engine.changes.size().from).toBeGreaterThan(0);
    isSlow = false;
    release.resolve();
    await eventually('a new segment', 50_000, async () => heard.filter(({ what }) => what === 'keyed').length > 1);
    const begins = heard.flatMap((each) => (each.what === 'begin' ? [each.asked.gap] : []));
    expect(begins).toEqual(['restart', 'overload']);
    expect(said.join()).toContain('could not keep up');
    expect(recorder.counts().gaps).toBe(1);
  }, 60_000);

  test('stops where writing fails, says so once, and begins again later with the reason', async () => {
    let fails = false;
    const { recorder, heard, said, put } = open(async (what) => {
      if (fails && (what === 'write' || what === 'begin')) throw new ThreadFailure('no room', 'disk_full');
    });
    await recorder.start();
    fails = true;
    for (let i = 0; i < 5; i++) {
      put(`a${i}`);
      await recorder.flush();
    }
    // It tries again every few milliseconds, in vain.
    const begun = () => heard.filter(({ what }) => what === 'begin').length;
    await eventually('three tries', 30_000, () => begun() > 3 && recorder.state.state === 'stopped');
    expect(recorder.state).toMatchObject({ state: 'stopped', reason: 'disk_full' });
    expect(recorder.counts().failures).toBe(1);
    expect(said.filter((text) => text.includes('history stopped')).length).toBe(1);
    fails = false;
    await eventually('history to go on', 30_000, async () => recorder.state.state === 'recording');
    const begins = heard.flatMap((each) => (each.what === 'begin' ? [each.asked.gap] : []));
    expect(begins.at(-1)).toBe('disk_full');
    // Of the tries none is a gap: it is one, and complete only now.
    expect(recorder.counts()).toMatchObject({ gaps: 1, failures: 1 });
  });
});
