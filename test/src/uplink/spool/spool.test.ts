import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MessageClass, messageClasses } from '../../../../src/gateway-protocol/protocol.ts';
import { silentLogger } from '../../../../src/logger.ts';
import { headOf, recordsIn } from '../../../../src/uplink/spool/record-format.ts';
import { Spool, type SpoolOptions } from '../../../../src/uplink/spool/spool.ts';
import { stillClock } from '../../../support/still-clock.ts';

let root: string;
let now: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-spool-'));
  now = 1_700_000_000_000;
});
afterEach(() => rmSync(root, { recursive: true }));

const folder = () => join(root, 'spool');
const open = (options: Partial<SpoolOptions> = {}) =>
  Spool.open({
    folder: folder(),
    cluster: 'east',
    mostBytes: 1 << 20,
    clock: stillClock(() => now),
    wall: () => now,
    logger: silentLogger,
    ...options,
  });
const filesOf = () => readdirSync(folder()).filter((name) => name.endsWith('.records'));

/** All records of a class. */
async function all(spool: Spool, one: MessageClass): Promise<string[]> {
  const texts: string[] = [];
  for (let record = spool.behind(one, 0); record; record = spool.behind(one, record.n))
    texts.push(String(await spool.read(record)));
  return texts;
}

describe('a buffer with a folder', () => {
  test('keeps unacknowledged records over a restart, in order, and continues numbering', async () => {
    const before = await open();
    for (let i = 0; i < 10; i++) before.add('metrics', Buffer.from(`m${i}`));
    before.add('logs', Buffer.from('l'));
    const third = before.behind('metrics', before.behind('metrics', before.behind('metrics', 0)?.n ?? 0)?.n ?? 0);
    before.acknowledge('metrics', third?.n ?? 0);
    const last = before.last('metrics');
    const { id } = before;
    await before.close();
    now += 60_000;
    const spool = await open();
    expect(spool.id).toBe(id);
    expect(await all(spool, 'metrics')).toEqual(['m3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9']);
    expect(await all(spool, 'logs')).toEqual(['l']);
    expect(spool.last('metrics')).toBe(last);
    const n = spool.add('metrics', Buffer.from('new'));
    expect(n).toBeGreaterThan(last);
    expect(spool.behind('metrics', last)).toMatchObject({ n, after: last });
    await spool.close();
  });

  test('gives no number twice, though the process was killed', async () => {
    const numbers = new Set<number>();
    const killed: Spool[] = [];
    for (let life = 0; life < 4; life++) {
      const spool = await open();
      killed.push(spool);
      for (let i = 0; i < 5; i++) {
        const n = spool.add('logs', Buffer.from('x'));
        expect(numbers.has(n)).toBe(false);
        numbers.add(n);
      }
      // Acknowledged records are never written; unacknowledged ones remain.
      if (life % 2 === 0) spool.acknowledge('logs', spool.last('logs'));
      else {
        now += 2_000;
        await spool.flush();
      }
    }
    expect(numbers.size).toBe(20);
    for (const spool of killed) await spool.close();
  });

  test('does not touch the disk for what is acknowledged within a second', async () => {
    const spool = await open();
    for (let i = 0; i < 100; i++) {
      spool.add('graph', Buffer.alloc(1000));
      now += 50;
      spool.acknowledge('graph', spool.last('graph'));
      await spool.flush();
    }
    expect(filesOf()).toEqual([]);
    spool.add('graph', Buffer.alloc(1000));
    await spool.flush();
    expect(filesOf()).toEqual([]);
    now += 1_000;
    await spool.flush();
    expect(filesOf().length).toBe(1);
    spool.acknowledge('graph', spool.last('graph'));
    await spool.close();
    await expect.poll(filesOf).toEqual([]);
  });

  test('lets go of files as they are acknowledged, and of no other', async () => {
    const spool = await open({ mostBytes: 64 << 20 });
    for (let i = 0; i < 12; i++) {
      spool.add('graph', Buffer.alloc(1 << 20, i));
      await spool.flush(true);
    }
    expect(filesOf().length).toBe(3);
    spool.acknowledge('graph', spool.behind('graph', 0)?.n ?? 0);
    expect(filesOf().length).toBe(3);
    let fourth = spool.behind('graph', 0);
    for (let i = 0; i < 3 && fourth; i++) fourth = spool.behind('graph', fourth.n);
    spool.acknowledge('graph', fourth?.n ?? 0);
    await expect.poll(() => filesOf().length).toBe(2);
    expect((await all(spool, 'graph')).length).toBe(7);
    spool.acknowledge('graph', spool.last('graph'));
    await expect.poll(filesOf).toEqual([]);
    await spool.close();
  });

  test('takes no more than it may, the oldest goes first, and it is counted', async () => {
    const spool = await open({ mostBytes: 100_000 });
    for (let i = 0; i < 100; i++) spool.add('metrics', Buffer.alloc(10_000, i));
    expect(spool.backlog('metrics')).toMatchObject({ records: 10, bytes: 100_000, lost: 90 });
    await spool.flush(true);
    const size = filesOf().map((name) => statSync(join(folder(), name)).size);
    expect(Math.max(...size)).toBeLessThan(101_000);
    await spool.close();
  });

  test('drops of the class that takes most for its share', async () => {
    const spool = await open({ mostBytes: 100_000 });
    for (let i = 0; i < 5; i++) spool.add('answers', Buffer.alloc(1_000));
    for (let i = 0; i < 20; i++) spool.add('graph', Buffer.alloc(1_000));
    for (let i = 0; i < 200; i++) spool.add('logs', Buffer.alloc(1_000));
    expect(messageClasses.map((one) => spool.backlog(one).lost)).toEqual([0, 0, 0, 0, 0, 125]);
    await spool.close();
  });

  test('drops what is older than an hour, by an age that counts on through a restart', async () => {
    const before = await open();
    before.add('metrics', Buffer.from('old'));
    now += 30 * 60_000;
    before.add('metrics', Buffer.from('young'));
    await before.close();
    now += 30 * 60_000 - 1;
    const spool = await open();
    expect(await all(spool, 'metrics')).toEqual(['old', 'young']);
    now += 1;
    spool.expire();
    expect(await all(spool, 'metrics')).toEqual(['young']);
    expect(spool.backlog('metrics').lost).toBe(1);
    await spool.close();
  });

  test('does not believe a clock that was set: a record of the future is young', async () => {
    const before = await open();
    before.add('metrics', Buffer.from('x'));
    await before.close();
    const set = now - 100 * 3_600_000;
    const spool = await open({ wall: () => set });
    expect(spool.backlog('metrics')).toMatchObject({ records: 1, age: 0 });
    await spool.close();
  });

  test('gives of a damaged file what lies before the damage, and says that there was one', async () => {
    const before = await open();
    for (let i = 0; i < 10; i++) before.add('logs', Buffer.from(`line ${i} ${'x'.repeat(50)}`));
    await before.close();
    const [name = ''] = filesOf();
    const path = join(folder(), name);
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const warned: string[] = [];
    const spool = await open({ logger: { info() {}, warn: (_: unknown, text: string) => warned.push(text) } as never });
    const texts = await all(spool, 'logs');
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.length).toBeLessThan(10);
    expect(texts.every((text, i) => text.startsWith(`line ${i} `))).toBe(true);
    expect(warned).toEqual([expect.stringMatching(/damaged/)]);
    await spool.close();
  });

  test.each([1, 20, 40])(
    'a crash in the middle of a write costs the record that was being written, %i bytes before its end',
    async (cut) => {
      const before = await open();
      for (let i = 0; i < 3; i++) before.add('logs', Buffer.from(`line ${i}`));
      await before.close();
      const path = join(folder(), filesOf()[0] ?? '');
      truncateSync(path, statSync(path).size - cut);
      const spool = await open();
      expect(await all(spool, 'logs')).toEqual(['line 0', 'line 1']);
      await spool.close();
    },
  );

  test('belongs to one cluster', async () => {
    await (await open()).close();
    await expect(open({ cluster: 'west' })).rejects.toThrow(/is of the cluster east/);
  });

  test('that is not a folder is named when it is opened', async () => {
    writeFileSync(folder(), 'x');
    await expect(open()).rejects.toThrow(`names a folder that cannot be written to: ${folder()}`);
  });

  test('that cannot be written to any more stays in memory, says so once, and writes again when it can', async () => {
    const said: string[] = [];
    const logger = {
      info: (text: string) => said.push(text),
      warn: (_: unknown, text: string) => said.push(text),
    } as never;
    const spool = await open({ logger });
    rmSync(folder(), { recursive: true });
    spool.add('logs', Buffer.from('a'));
    await spool.flush(true);
    await spool.flush(true);
    expect(said).toEqual([expect.stringMatching(/cannot be written/)]);
    expect(spool.unwritable).toBe('ENOENT');
    expect(await all(spool, 'logs')).toEqual(['a']);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(folder());
    await spool.flush(true);
    expect(spool.unwritable).toBeUndefined();
    expect(said.length).toBe(2);
    await spool.close();
    expect(existsSync(join(folder(), 'spool.json'))).toBe(true);
  });

  test('holds the records that were not acknowledged, in order, after any writes, acknowledgements and restarts', async () => {
    const step = fc.oneof(
      fc.record({ add: fc.constantFrom(...messageClasses), size: fc.integer({ min: 0, max: 3_000 }) }),
      fc.record({ ack: fc.constantFrom(...messageClasses), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ flush: fc.boolean() }),
      fc.record({ wait: fc.integer({ min: 0, max: 2_000 }) }),
      fc.constant({ restart: true } as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        rmSync(folder(), { recursive: true, force: true });
        let spool = await open({ mostBytes: 1 << 30 });
        const expected = new Map<MessageClass, { n: number; text: string }[]>(messageClasses.map((one) => [one, []]));
        for (const one of steps) {
          if ('add' in one) {
            const text = `${one.add} ${'x'.repeat(one.size)}`;
            expected.get(one.add)?.push({ n: spool.add(one.add, Buffer.from(text)), text });
          } else if ('ack' in one) {
            const list = expected.get(one.ack) ?? [];
            const gone = list.splice(0, Math.floor(list.length * one.part)).at(-1);
            spool.acknowledge(one.ack, gone?.n ?? 0);
          } else if ('flush' in one) await spool.flush(one.flush);
          else if ('wait' in one) now += one.wait;
          else {
            await spool.close();
            spool = await open({ mostBytes: 1 << 30 });
          }
        }
        for (const [one, list] of expected) expect(await all(spool, one)).toEqual(list.map(({ text }) => text));
        await spool.close();
      }),
      { numRuns: 40 },
    );
  });
});

test('a buffer without a folder is bounded in memory, and another one in each process', async () => {
  const [a, b] = [await open({ folder: undefined }), await open({ folder: undefined, mostBytes: 2 ** 40 })];
  expect(a.id).not.toBe(b.id);
  for (let i = 0; i < 80; i++) b.add('graph', Buffer.alloc(1 << 20));
  expect(b.backlog('graph')).toMatchObject({ records: 64, lost: 16 });
  expect(b.isKept).toBe(false);
  await Promise.all([a.close(), b.close()]);
});

test('a file of records is read back as it was written, and any other as what it begins with', () => {
  const record = fc.tuple(fc.integer({ min: 0, max: 2 ** 53 - 1 }), fc.integer({ min: 0, max: 1e13 }), fc.uint8Array());
  fc.assert(
    fc.property(fc.array(record), fc.uint8Array(), (list, noise) => {
      const written = list.map(([n, at, body]) => ({ n, after: 0, at, body: Buffer.from(body) }));
      const file = Buffer.concat([...written.flatMap((one) => [headOf(one, one.body), one.body]), Buffer.from(noise)]);
      const { records, whole } = recordsIn(file);
      expect(whole).toBe(noise.length === 0);
      const read = records.map(({ n, after, at, offset, length }) => ({
        n,
        after,
        at,
        body: file.subarray(offset, offset + length),
      }));
      expect(read).toEqual(written);
    }),
  );
});
