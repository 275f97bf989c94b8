// A publisher over a log in memory that loses messages and answers or ends, with and without another master.
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { LogSink } from '../../../master/graph/replication/input-log.ts';
import { Unpacker } from '../../../master/graph/replication/messages.ts';
import type { Permit } from '../../../master/stream/permit.ts';
import { Publisher, type PublisherOptions } from '../../../master/stream/publisher.ts';
import type { LogTransport } from '../../../master/stream/transport.ts';
import { type MonotonicTime, monotonicClock } from '../../../src/clock.ts';
import { silentLogger } from '../../../src/logger.ts';
import { createMemoryLogOfMany, type MemoryLogOfMany } from '../../support/memory-transport.ts';

const patient = { timeout: 10_000, interval: 5 };
const opened: Publisher[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

interface Told {
  readonly publisher: Publisher;
  /** Writes a line now. */
  say(line: string): void;
  /** Lines of the last keyframe. */
  readonly keyframes: number;
}

/** No other master is taken for silent, however slow the machine is. */
const times = { beat: 20, wanted: 0, takeover: 600_000, look: 5, again: 1, longest: 4, farewell: 500 };
/** Its end is told, however slow the machine is. */
const saysFarewell = { times: { ...times, farewell: 30_000 } };
let epochs = 0;

function open(log: MemoryLogOfMany, more: Partial<PublisherOptions> = {}, keyframe: readonly string[] = ['key']): Told {
  let [sink, keyframes, revision, terms]: [LogSink | undefined, number, number, number] = [undefined, 0, 0, 0];
  const epoch = `epoch${++epochs}`;
  const publisher = new Publisher({
    tell(into) {
      sink = into;
      keyframes++;
      return {
        async keyframe() {
          for (const line of keyframe) {
            into.write(`${line} ${keyframes}\n`, revision, 'keyframe');
            await into.ready();
          }
          return true;
        },
        close: () => void (sink = sink === into ? undefined : sink),
      };
    },
    transport: log.transport(),
    epoch,
    termName: () => `${epoch}-${++terms}`,
    mostBuffered: 1 << 20,
    clock: monotonicClock,
    logger: silentLogger,
    times,
    ...more,
  });
  opened.push(publisher);
  publisher.start();
  return {
    publisher,
    say: (line) => sink?.write(`${line}\n`, ++revision, 'change'),
    get keyframes() {
      return keyframes;
    },
  };
}

function linesOf({ messages }: MemoryLogOfMany): string[] {
  const unpacker = new Unpacker();
  const texts = messages.flatMap(({ message }) => unpacker.take(message) ?? []);
  return texts.join('').split('\n').filter(Boolean);
}

const kindsOf = ({ messages }: MemoryLogOfMany) => messages.map(({ message: { kind } }) => kind);
const told = (log: MemoryLogOfMany, line: string) => expect.poll(() => linesOf(log).includes(line), patient).toBe(true);

describe('a publisher', () => {
  test('tells a keyframe, then what comes, together in the order in which it came, and its end', async () => {
    const log = createMemoryLogOfMany();
    const { publisher, say } = open(log, saysFarewell);
    await told(log, 'key 1');
    for (const line of ['a', 'b', 'c', 'd']) say(line);
    await told(log, 'd');
    await publisher.close();
    expect(linesOf(log)).toEqual(['key 1', 'a', 'b', 'c', 'd']);
    expect(kindsOf(log)[0]).toBe('begin');
    expect(kindsOf(log).at(-1)).toBe('end');
    // The first is sent at once; later ones are collected.
    expect(kindsOf(log).filter((kind) => kind !== 'beat').length).toBeLessThanOrEqual(6);
    expect(log.notes).toHaveLength(1);
    const numbers = log.messages.map(({ message: { number } }) => number);
    expect(numbers).toEqual(numbers.map((_, i) => i));
  });

  test('says that it is there while nothing happens', async () => {
    const log = createMemoryLogOfMany();
    open(log);
    await expect.poll(() => kindsOf(log).filter((kind) => kind === 'beat').length, patient).toBeGreaterThan(2);
  });

  test('each line is in the log once and in order, though messages and answers are lost', async () => {
    const fate = fc.constantFrom('lost' as const, 'unanswered' as const, 'away' as const);
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), async (fates, count) => {
        const log = createMemoryLogOfMany();
        const { publisher, say } = open(log, saysFarewell);
        await told(log, 'key 1');
        log.next.push(...fates);
        const lines = Array.from({ length: count }, (_, i) => `line ${i}`);
        for (const line of lines) {
          say(line);
          if (line.endsWith('3')) await new Promise((resolve) => setImmediate(resolve));
        }
        await told(log, lines.at(-1) ?? '');
        await publisher.close();
        expect(linesOf(log)).toEqual(['key 1', ...lines]);
        expect(publisher.counts().terms).toBe(1);
      }),
      { numRuns: 25 },
    );
  });

  test('begins once more where a replica asks for it, but not while a keyframe is being told', async () => {
    const log = createMemoryLogOfMany();
    const one = open(log);
    // It announces itself once it has nothing more to send.
    await expect.poll(() => kindsOf(log), patient).toContain('beat');
    log.wants();
    await told(log, 'key 2');
    one.say('after');
    await told(log, 'after');
    expect(one.publisher.counts()).toMatchObject({ terms: 2, fenced: 0 });
  });

  test('a request for a keyframe waits until the last one is old enough, however often it is made', async () => {
    const log = createMemoryLogOfMany();
    let now = 0;
    const one = open(log, { clock: () => now as MonotonicTime, times: { ...times, wanted: 1_000 } });
    await told(log, 'key 1');
    await expect.poll(() => kindsOf(log), patient).toContain('beat');
    for (let i = 0; i < 50; i++) {
      log.wants();
      one.say(`line ${i}`);
      await told(log, `line ${i}`);
    }
    expect(one.publisher.counts().terms).toBe(1);
    now = 1_000;
    await told(log, 'key 2');
    expect(one.publisher.counts().terms).toBe(2);
  });

  test('beyond its bound what waits is let go, and all is told once more from the graph as it then is', async () => {
    const log = createMemoryLogOfMany();
    const one = open(log, { mostBuffered: 2_000 });
    await told(log, 'key 1');
    log.next.push(...Array<'away'>(6).fill('away'));
    for (let i = 0; i < 100; i++) one.say(`a long line, number ${i}`);
    await told(log, 'key 2');
    expect(one.publisher.counts()).toMatchObject({ lost: 1, terms: 2 });
    expect(one.publisher.counts().buffered).toBeLessThan(2_000);
  });

  test.each([
    ['lost its end', (log: MemoryLogOfMany) => void log.messages.splice(1)],
    ['is gone', (log: MemoryLogOfMany) => void (log.messages.splice(0), (log.gone = true))],
  ])('tells all once more where the log %s', async (_, harm) => {
    const log = createMemoryLogOfMany();
    const one = open(log);
    await told(log, 'key 1');
    for (const line of ['a', 'b']) {
      one.say(line);
      await told(log, line);
    }
    harm(log);
    one.say('c');
    await told(log, 'key 2');
    expect(one.publisher.counts()).toMatchObject({ terms: 2, fenced: 0 });
  });
});

interface GivenPermit extends Permit {
  give(): void;
  take(): void;
  /** The clock says that it has ended; no timer has run yet. */
  outlive(): void;
}

function permitOfTest(): GivenPermit {
  let [ended, holds, wake] = [new AbortController(), false, () => {}];
  return {
    async given(signal) {
      while (!signal.aborted) {
        const { signal: own } = ended;
        if (holds) return { ended: own, holds: () => holds && !own.aborted };
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
        await promise;
      }
      return undefined;
    },
    give() {
      [ended, holds] = [new AbortController(), true];
      wake();
    },
    take() {
      holds = false;
      ended.abort();
    },
    outlive: () => void (holds = false),
  };
}

describe('a master that needs a permit', () => {
  test('publishes nothing before it is given, and begins with a keyframe then', async () => {
    const [log, permit] = [createMemoryLogOfMany(), permitOfTest()];
    const one = open(log, { permit });
    await expect.poll(() => one.publisher.state, patient).toBe('standing-by');
    expect([log.messages.length, one.keyframes]).toEqual([0, 0]);
    permit.give();
    await told(log, 'key 1');
    expect(one.publisher.state).toBe('publishing');
  });

  test('ends in order without having been given one', async () => {
    const [log, permit] = [createMemoryLogOfMany(), permitOfTest()];
    const one = open(log, { permit });
    await expect.poll(() => one.publisher.state, patient).toBe('standing-by');
    await one.publisher.close();
    expect(log.messages).toEqual([]);
  });

  test.each(['idle', 'about to send'] as const)(
    'sends nothing more once it is taken while %s, not even an end',
    async (moment) => {
      const [log, permit] = [createMemoryLogOfMany(), permitOfTest()];
      permit.give();
      const one = open(log, { permit, times: { ...times, beat: 600_000 } });
      await told(log, 'key 1');
      if (moment === 'about to send') one.say('too late');
      permit.take();
      await expect.poll(() => one.publisher.state, patient).toBe('standing-by');
      const sent = log.messages.length;
      one.say('not told');
      permit.give();
      await told(log, 'key 2');
      expect(kindsOf(log).slice(0, sent)).not.toContain('end');
      expect(linesOf(log)).not.toContain('not told');
      expect(one.publisher.counts()).toMatchObject({ terms: 2, fenced: 0 });
    },
  );

  test('asks before each message whether it still holds: a timer may be late', async () => {
    const [log, permit] = [createMemoryLogOfMany(), permitOfTest()];
    permit.give();
    const one = open(log, { permit, times: { ...times, beat: 600_000 } });
    await told(log, 'key 1');
    permit.outlive();
    one.say('too late');
    await expect.poll(() => one.publisher.state, patient).toBe('standing-by');
    expect(linesOf(log)).toEqual(['key 1']);
  });

  test('does not wait for silence where the holder before it had one message under way', async () => {
    const [log, permit] = [createMemoryLogOfMany(), permitOfTest()];
    const before = open(log, { times: { ...times, beat: 600_000 } }, ['before']);
    await told(log, 'before 1');
    const { publish, ...rest } = log.transport();
    let left = 1;
    const transport: LogTransport = {
      ...rest,
      async publish(message, expected) {
        // The message of the other arrives between the look at the end of the log and this one.
        if (left-- > 0) {
          before.say('under way');
          await told(log, 'under way');
        }
        return publish(message, expected);
      },
    };
    const next = open(log, { permit, transport }, ['next']);
    permit.give();
    await told(log, 'next 2');
    expect(next.publisher.counts()).toMatchObject({ fenced: 1, terms: 2 });
  });

  test('stands by where a master without a permit goes on publishing, and does not fight it', async () => {
    const [log, permit] = [createMemoryLogOfMany(), permitOfTest()];
    const one = open(log, { permit }, ['one']);
    permit.give();
    await told(log, 'one 1');
    // They say one thing each.
    const quiet = { times: { ...times, beat: 600_000 } };
    open(log, quiet, ['first stranger']);
    await told(log, 'one 2');
    open(log, quiet, ['second stranger']);
    await expect.poll(() => one.publisher.state, patient).toBe('standing-by');
    permit.take();
    permit.give();
    await told(log, 'one 3');
    expect(one.publisher.counts().fenced).toBe(2);
  });
});

describe('two masters of a cluster', () => {
  test('do not interleave: the newer one continues, and the other stands by until it has ended', async () => {
    const log = createMemoryLogOfMany();
    const first = open(log, {}, ['first']);
    await told(log, 'first 1');
    const second = open(log, saysFarewell, ['second']);
    await told(log, 'second 1');
    first.say('not heard');
    await expect.poll(() => first.publisher.state, patient).toBe('standing-by');
    second.say('heard');
    await told(log, 'heard');
    expect(linesOf(log)).not.toContain('not heard');
    await second.publisher.close();
    await told(log, 'first 2');
    const epochsInOrder = log.messages.map(({ message: { epoch } }) => epoch);
    const changes = epochsInOrder.filter((epoch, i) => epoch !== epochsInOrder[i - 1]);
    expect(changes).toHaveLength(3);
  });

  test('no message of one stands within a term of the other, in any order of messages', async () => {
    const moves = fc.array(fc.tuple(fc.boolean(), fc.constantFrom('say', 'turn')), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(moves, async (all) => {
        const log = createMemoryLogOfMany();
        const [one, two] = [open(log, {}, ['one']), open(log, {}, ['two'])];
        for (const [isFirst, what] of all) {
          if (what === 'say') (isFirst ? one : two).say(isFirst ? 'of one' : 'of two');
          else await new Promise((resolve) => setImmediate(resolve));
        }
        await Promise.all([one.publisher.close(), two.publisher.close()]);
        let term = '';
        for (const { message } of log.messages) {
          if (message.number === 0) term = message.term;
          expect(message.term).toBe(term);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('the other continues where one is silent for too long', async () => {
    const log = createMemoryLogOfMany();
    const first = open(log, { times: { ...times, takeover: 60 } }, ['first']);
    await told(log, 'first 1');
    const second = open(log, { times: { ...times, beat: 1e9 } }, ['second']);
    await told(log, 'second 1');
    first.say('x');
    await told(log, 'first 2');
    expect(first.publisher.counts().fenced).toBe(1);
    expect(second.publisher.state).toBe('publishing');
  });
});
