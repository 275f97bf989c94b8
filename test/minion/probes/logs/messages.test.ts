import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { MessageCounter, unclassified } from '../../../../minion/probes/logs/counter.ts';
import { levelOf, textOfMessage } from '../../../../minion/probes/logs/level.ts';
import { LineJoiner, logLineOf } from '../../../../minion/probes/logs/line-forms.ts';
import { redactingCounter, sampleOf } from '../../../../minion/probes/logs/log-source.ts';
import { MessageJoiner } from '../../../../minion/probes/logs/messages.ts';
import { hashOf, isAlike, wordsOf } from '../../../../minion/probes/logs/pattern.ts';
import { Tail } from '../../../../minion/probes/logs/tail.ts';

const whole = (lines: readonly string[]) => {
  const joiner = new LineJoiner();
  return lines.flatMap((line) => {
    const read = logLineOf(line);
    return (read && joiner.take(read)) ?? [];
  });
};
const messages = (lines: readonly string[]) => {
  const all: string[] = [];
  const joiner = new MessageJoiner((message) => all.push(message));
  for (const line of lines) joiner.add(line);
  joiner.flush();
  return all;
};

describe('lines', () => {
  test('of CRI and of Docker come out as they were written, long ones put together again', () => {
    const at = '2026-11-20T10:00:00.123456789Z';
    expect(
      whole([`${at} stdout F one`, `${at} stderr P two `, `${at} stderr P and `, `${at} stderr F a half`]),
    ).toEqual(['one', 'two and a half']);
    expect(whole(['{"log":"half a ","stream":"stdout","time":"x"}', '{"log":"line\\n","stream":"stdout"}'])).toEqual([
      'half a line',
    ]);
  });

  test('without a known form are ignored', () => {
    expect(['plain text', '{"log":7}', '{broken', ''].map(logLineOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('however long a line without an end is, only so much of it is held', () => {
    const joiner = new LineJoiner(10);
    for (let count = 0; count < 100; count++) joiner.take({ text: 'abcdef', isPartial: true });
    expect(joiner.take({ text: '!', isPartial: false })).toBe('abcdefabcd');
  });
});

describe('messages', () => {
  test('a stack trace belongs to its message', () => {
    const java = [
      '10:00:01 ERROR failed',
      '\tat shop.Cart.add(Cart.java:7)',
      'Caused by: java.io.IOException',
      '  at x',
    ];
    const python = ['Traceback (most recent call last):', '  File "a.py", line 1', 'ValueError: no', 'next'];
    expect(messages([...java, '10:00:02 INFO fine'])).toEqual([java.join('\n'), '10:00:02 INFO fine']);
    expect(messages(python)).toEqual([python.slice(0, 3).join('\n'), 'next']);
  });

  test('whatever the lines are, none of their text is lost but what is over a message’s length', () => {
    const line = fc.string({ maxLength: 40 }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const squeezed = (texts: readonly string[]) => texts.join('').replace(/\s/g, '');
        expect(squeezed(messages(lines))).toBe(squeezed(lines));
      }),
    );
  });

  test.each([
    ['E1120 10:00:00.000 1 x.go:7] broken', 'error'],
    ['level=warning msg="slow"', 'warning'],
    ['{"level":50,"msg":"x"}', 'error'],
    ['{"severity":"CRITICAL","message":"x"}', 'critical'],
    ['2026-11-20 10:00:00 [WARN] disk is full', 'warning'],
    ['2026/11/20 10:00:00 [emerg] 1#1: bind failed', 'critical'],
    ['7:M 20 Nov 2026 10:00:00.000 # OOM', 'warning'],
    ['ERR something', 'error'],
    ['seven words that say nothing come before errors', 'unknown'],
    ['GET /errors 200', 'error'],
    ['hello', 'unknown'],
    ['', 'unknown'],
  ])('%s is %s', (message, level) => {
    expect(levelOf(message)).toBe(level);
  });

  test('of a record its text is compared', () => {
    expect(textOfMessage('{"level":"error","msg":"cannot reach db"}')).toBe('cannot reach db');
    expect(textOfMessage('level=error msg="cannot \\"reach\\" db" n=7')).toBe('cannot "reach" db');
    expect(textOfMessage('{broken')).toBe('{broken');
  });
});

describe('patterns', () => {
  test('numbers, ids and what stands in quotes or brackets do not tell messages apart', () => {
    const one = 'ERROR cannot open "/data/1" for user 17 [req-8] id=deadbeef01 after 3ms: timeout';
    const other = 'ERROR cannot open "/data/2/x" for user 99 [req-9] id=0badf00d02 after 11ms: timeout';
    expect(hashOf(wordsOf(one))).toBe(hashOf(wordsOf(other)));
    expect(isAlike(['a', 'b', 'c'], ['a', 'x', 'c'])).toBe(true);
    expect(isAlike(['a', 'b', 'c'], ['x', 'x', 'c'])).toBe(false);
  });

  test('messages of one kind count as one, of lower levels all as one', () => {
    const counter = new MessageCounter({ redact: (sample) => sample.replace(/secret/g, '*') });
    for (const user of ['ann', 'bob', 'eve']) counter.add(`ERROR login of ${user} with secret failed`);
    counter.add('WARN disk almost full');
    for (const text of ['INFO a', 'INFO b c d']) counter.add(text);
    expect(counter.all().map(({ level, sample, count }) => [level, sample, count])).toEqual([
      ['info', '', 2],
      ['error', 'ERROR login of ann with * failed', 3],
      ['warning', 'WARN disk almost full', 1],
    ]);
  });

  test('however many kinds there are, they are bounded and the sum is right', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const name = (at: number) => `${letters[at % 26]}${letters[Math.floor(at / 26) % 26]}x${letters[at % 7]}`;
    const counter = new MessageCounter({ redact: (sample) => sample, patterns: 5, forms: 3 });
    for (let at = 0; at < 500; at++) counter.add(`ERROR ${name(at)} ${name(at + 31)} ${name(at * 3)} failed`);
    const all = counter.all();
    expect(all.length).toBe(6);
    expect(all.find(({ hash }) => hash === unclassified)?.count).toBeGreaterThan(0);
    expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(500);
  });

  test('colours of a terminal neither hide a level nor come with a sample', () => {
    const counter = redactingCounter();
    for (const colour of ['\u001B[31m', '\u001B[1;38;5;196m', '\u001B]0;title\u0007', '\u001B(B'])
      counter.add(`${colour}ERROR\u001B[0m disk \u202Efull\r`);
    counter.add('ERROR pass\u001B[1mword=hunter2 of \uD83D\uDE00 was refused');
    expect(counter.all().map(({ level, count, sample }) => [level, count, sample])).toEqual([
      ['error', 4, 'ERROR disk  full '],
      ['error', 1, expect.not.stringContaining('hunter2')],
    ]);
  });

  test('no sample has anything that a terminal obeys, or half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.string({ maxLength: 300 }), (start, text) => {
        const sample = sampleOf(`${text}\u001B${start}\u{1F600}`.repeat(3));
        expect(sample).not.toMatch(/[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}]/u);
        expect(sample.length).toBeLessThanOrEqual(256);
        expect(sample.isWellFormed()).toBe(true);
      }),
    );
  });

  test('any text has a level and words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        levelOf(text);
        expect(wordsOf(textOfMessage(text)).length).toBeLessThanOrEqual(100);
        logLineOf(text);
      }),
    );
  });
});

describe('a file that is followed', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const begin = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'tail-'));
    folders.push(folder);
    const path = join(folder, 'a.log');
    writeFileSync(path, text);
    return path;
  };

  test('is read from its end on, in whole lines', () => {
    const path = begin('old\n');
    const tail = new Tail({ path });
    appendFileSync(path, 'one\ntw');
    expect(tail.lines()).toEqual(['one']);
    appendFileSync(path, 'o\n');
    expect(tail.lines()).toEqual(['two']);
    expect(tail.lines()).toEqual([]);
    tail.close();
  });

  test('however long a line without an end is, only its beginning is held, and what follows is read', () => {
    const path = begin('');
    const tail = new Tail({ path });
    const lines: string[] = [];
    for (let n = 0; n < 4; n++) {
      appendFileSync(path, 'x'.repeat(100_000));
      lines.push(...tail.lines());
    }
    expect(lines).toEqual([]);
    appendFileSync(path, 'end\n\u00e4\nlast\nbegun');
    lines.push(...tail.lines());
    expect(lines.map((line) => line.length)).toEqual([131_072, 1, 4]);
    expect(tail.skipped).toBe(400_003 - 131_072);
    appendFileSync(path, ' ended\n');
    expect(tail.lines()).toEqual(['begun ended']);
    tail.close();
  });

  test('in whatever parts it grows, its lines come out as they were written, text that is none included', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 12 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(parts, (all) => {
        const path = begin('');
        const tail = new Tail({ path });
        const lines = all.flatMap((part) => {
          appendFileSync(path, part);
          return tail.lines();
        });
        tail.close();
        expect(lines).toEqual(Buffer.concat(all).toString('utf8').split('\n').slice(0, -1));
      }),
      { numRuns: 30 },
    );
  });

  test('through a rotation nothing is lost and nothing comes twice', () => {
    const path = begin('');
    const tail = new Tail({ path });
    appendFileSync(path, 'one\n');
    expect(tail.lines()).toEqual(['one']);
    appendFileSync(path, 'two\n');
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'three\n');
    writeFileSync(path, 'four\n');
    expect([...tail.lines(), ...tail.lines()]).toEqual(['two', 'three', 'four']);
    tail.close();
  });

  test('is read from its beginning once it was emptied', () => {
    const path = begin('a long line that was there before\n');
    const tail = new Tail({ path });
    truncateSync(path);
    appendFileSync(path, 'new\n');
    expect(tail.lines()).toEqual(['new']);
    tail.close();
  });

  test('is waited for while it is not there', () => {
    const path = `${begin('')}.later`;
    const tail = new Tail({ path });
    expect(tail.lines()).toEqual([]);
    writeFileSync(path, 'late\n');
    const tailFromStart = new Tail({ path, fromStart: true });
    expect(tailFromStart.lines()).toEqual(['late']);
    tailFromStart.close();
    tail.close();
  });
});
