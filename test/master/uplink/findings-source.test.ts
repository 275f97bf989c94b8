// Findings on their way to a gateway, in virtual time: the gateway has what the master found, whatever happened on the way.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding, FindingChange, FindingsReader, Undecided } from '../../../master/findings/contract.ts';
import { ToldFindings } from '../../../master/findings/told.ts';
import { FindingsReceiver } from '../../../master/gateway/findings-receiver.ts';
import { FindingsSource } from '../../../master/uplink/findings-source.ts';
import { silentLogger } from '../../../src/logger.ts';
import { enrolled, startAgent } from '../../support/gateway-pair.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-findings-source-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const minute = 60_000;

function finding(id: string, more: Partial<Finding> = {}): Finding {
  return {
    id,
    name: 'service-selects-nothing',
    class: 'broken',
    severity: 'high',
    resource: `Service:shop/${id}`,
    type: 'Service',
    namespace: 'shop',
    sentence: `Service ${id} selects nothing`,
    remedy: 'Mend it.',
    link: 'https://example.com/',
    path: [],
    affected: { count: 0, first: [] },
    since: '2026-11-20T10:00:00.000Z',
    ...more,
  };
}

/** Invented findings. */
class Made {
  readonly kept = new Map<string, Finding>();
  readonly affected = new Map<string, string[]>();
  readonly #listeners = new Set<(changes: readonly FindingChange[]) => void>();
  undecidedNow: Undecided[] = [];
  settled = true;

  current(): Finding[] {
    return [...this.kept.values()];
  }
  undecided(): Undecided[] {
    return this.undecidedNow;
  }
  affectedBy(id: string): string[] {
    return this.affected.get(id) ?? [];
  }
  subscribe(listener: (changes: readonly FindingChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  put(one: Finding): void {
    const kind = this.kept.has(one.id) ? 'change' : 'begin';
    this.kept.set(one.id, one);
    this.#tell(kind, one);
  }
  end(id: string): void {
    const one = this.kept.get(id);
    this.kept.delete(id);
    if (one) this.#tell('end', one);
  }
  #tell(kind: FindingChange['kind'], one: Finding): void {
    for (const listener of this.#listeners) listener([{ kind, finding: one, at: one.since }]);
  }
}

async function telling(more: { readonly mostBytes?: number } = {}) {
  const made = new Made();
  const told = new ToldFindings(() => 1);
  const all = enrolled(join(root, 'enrolments'), { own: { findings: () => new FindingsReceiver(told) } });
  const { time, secret, dial } = all;
  const source = (publisher: ConstructorParameters<typeof FindingsSource>[0]['publisher']) =>
    new FindingsSource({ publisher, findings: made, sleep: time.sleep, logger: silentLogger });
  const agent = await startAgent({ time, secret, dial, sources: [source], ...more });
  const close = async () => {
    let over = false;
    const closed = agent.uplink.close().finally(() => (over = true));
    for (let i = 0; i < 200 && !over; i++) await time.advance(100);
    await closed;
  };
  return { ...all, ...agent, made, told, close };
}

const same = (made: Made, told: FindingsReader) => {
  const byId = (list: Iterable<Finding>) => [...list].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(byId(told.current())).toEqual(byId(made.current()));
  expect([...told.undecided()]).toEqual(made.undecided());
};

describe('what is wrong', () => {
  test('is told whole, and then as it begins, changes and ends', async () => {
    const { made, told, time, close } = await telling();
    for (let i = 0; i < 1_200; i++) made.put(finding(`f${i}`));
    made.undecidedNow = [{ name: 'x', reason: 'Secret is forbidden', count: 3 }];
    expect(told.settled).toBe(false);
    // Long records are packed in another thread, which does not follow virtual time.
    while (!told.settled) {
      await time.advance(100);
      await sleep(2);
    }
    expect(told.settled).toBe(true);
    same(made, told);
    const heard: string[] = [];
    told.subscribe((changes) => heard.push(...changes.map(({ kind, finding: { id } }) => `${kind} ${id}`)));
    const before = told.version;
    made.put(finding('f1', { severity: 'low' }));
    made.put(finding('new'));
    made.end('f2');
    made.undecidedNow = [];
    await time.advance(2_000);
    same(made, told);
    expect(heard.toSorted()).toEqual(['begin new', 'change f1', 'end f2']);
    expect(told.version).toBeGreaterThan(before);
    await close();
  });

  test('is not told before all was looked at once: nothing wrong and nothing known are two things', async () => {
    const { made, told, time, close } = await telling();
    made.settled = false;
    await time.advance(minute);
    expect(told.settled).toBe(false);
    made.settled = true;
    await time.advance(2_000);
    expect(told.settled).toBe(true);
    same(made, told);
    await close();
  });

  test('includes all affected resources, not only the listed ones', async () => {
    const { made, told, time, close } = await telling();
    const ids = Array.from({ length: 25 }, (_, i) => `Pod:shop/p${i}`);
    made.affected.set('many', ids);
    made.put(finding('many', { affected: { count: 25, first: ids.slice(0, 10) } }));
    await time.advance(2_000);
    expect([...told.about('Pod:shop/p24')].map(({ id }) => id)).toEqual(['many']);
    expect([...told.about('Service:shop/many')].map(({ id }) => id)).toEqual(['many']);
    expect([...told.of('Pod:shop/p24')]).toEqual([]);
    made.end('many');
    await time.advance(2_000);
    expect([...told.about('Pod:shop/p24')]).toEqual([]);
    await close();
  });

  test('is told whole again where some of it was dropped on the way', async () => {
    const { made, told, time, gateway, pairs, close } = await telling({ mostBytes: 4_000 });
    made.put(finding('first'));
    await time.advance(2_000);
    gateway.up = false;
    pairs.at(-1)?.cut();
    for (let i = 0; i < 60; i++) {
      made.put(finding(`f${i}`, { sentence: String(Math.sin(i)).repeat(20) }));
      if (i > 2) made.end(`f${i - 2}`);
      await time.advance(1_500);
    }
    gateway.up = true;
    await time.advance(3 * minute);
    expect(told.settled).toBe(true);
    same(made, told);
    await close();
  });

  test('is the same on both sides after any changes and cuts', { timeout: 60_000 }, async () => {
    const step = fc.oneof(
      fc.record({ put: fc.integer({ min: 0, max: 8 }), low: fc.boolean() }),
      fc.record({ end: fc.integer({ min: 0, max: 8 }) }),
      fc.constant('cut' as const),
      fc.constant('away' as const),
      fc.constant('wait' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { made, told, time, gateway, pairs, close } = await telling();
        for (const one of steps) {
          if (one === 'wait') await time.advance(1_700);
          else if (one === 'cut' || one === 'away') {
            gateway.up = one === 'cut';
            pairs.at(-1)?.cut();
          } else if ('put' in one) made.put(finding(`f${one.put}`, { severity: one.low ? 'low' : 'high' }));
          else made.end(`f${one.end}`);
        }
        gateway.up = true;
        await time.advance(3 * minute);
        expect(told.settled).toBe(true);
        same(made, told);
        await close();
        rmSync(join(root, 'enrolments'), { recursive: true });
      }),
      { numRuns: 25 },
    );
  });
});

test.each([
  ['nothing', undefined],
  ['no list', { found: 'x', ended: [] }],
  ['a finding of no class', { found: [{ ...finding('a'), class: 'odd' }], ended: [] }],
  ['a finding whose path is none', { found: [{ ...finding('a'), path: [7] }], ended: [] }],
  ['an end that is not an id', { found: [], ended: [{}] }],
])('a body of %s is refused, and nothing of it kept', (_, body) => {
  const told = new ToldFindings(() => 1);
  expect(() => new FindingsReceiver(told).take({ n: 1, at: 0, body })).toThrow(/Invalid request: findings/);
  expect([...told.all()]).toEqual([]);
});
