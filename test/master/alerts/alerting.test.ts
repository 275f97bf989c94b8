import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alert, Transition } from '../../../master/alerts/alert.ts';
import { AlertFile } from '../../../master/alerts/alert-store.ts';
import { Alerting, type AlertingParts, type ChangeSource } from '../../../master/alerts/alerting.ts';
import type { Receiver } from '../../../master/alerts/receivers/receiver.ts';
import { type AlertSettings, usualSettings } from '../../../master/alerts/settings/alert-settings.ts';
import type { Notice } from '../../../master/alerts/states/alert-groups.ts';
import { silentLogger } from '../../../src/logger.ts';
import { FakeFindings, finding, noon, short, virtualLater } from '../../support/alerting.ts';
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.ts';

const minute = 60_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alerting-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Heard implements Receiver {
  readonly name: string;
  readonly transitions: string[] = [];
  readonly notices: string[] = [];
  opened: readonly string[] = [];
  constructor(name = 'heard') {
    this.name = name;
  }
  take(some: readonly Transition[]): void {
    this.transitions.push(...some.map(short));
  }
  async notify({ firing, ended, active, isRepeat }: Notice): Promise<void> {
    const names = [...firing.map(({ key }) => `+${key}`), ...ended.map(({ alert }) => `-${alert.key}`)];
    this.notices.push(`${isRepeat ? 'again ' : ''}${names.join(' ')} of ${active}`);
  }
  state() {
    return { name: this.name, kind: 'log' as const, state: 'ok' as const, sent: 0, failed: 0, lost: 0, waiting: 0 };
  }
  async close(): Promise<void> {}
}

const settings: AlertSettings = { ...usualSettings, receivers: [{ name: 'heard', match: {}, kind: 'log' }] };

function started(source: FakeFindings, time: VirtualTime, more: Partial<AlertingParts> = {}) {
  const heard = new Heard();
  const alerting = new Alerting({
    cluster: 'prod',
    source,
    changes: undefined,
    settings,
    explain: () => undefined,
    before: async () => ({ before: [] }),
    openReceiver: async (_, firing: Iterable<Alert>) => {
      heard.opened = [...firing].map(({ key }) => key);
      return heard;
    },
    store: undefined,
    clock: time.clock,
    later: virtualLater(time),
    logger: silentLogger,
    ...more,
  });
  alerting.start();
  return { alerting, heard };
}

const from = (time: VirtualTime) => ({ since: new Date(time.clock()).toISOString() });

test('nothing is judged before the findings are settled; what was there then is one alert', async () => {
  const time = createVirtualTime(noon);
  const source = new FakeFindings();
  source.settled = false;
  const { alerting, heard } = started(source, time);
  source.begin(...Array.from({ length: 10_000 }, (_, n) => finding(`old${n}`)));
  await time.advance(minute);
  expect(alerting.isSettled).toBe(false);
  source.settled = true;
  await time.advance(60 * minute);
  await alerting.settled();
  expect(heard.transitions).toEqual([`fired findings-at-start ${minute + 200}`]);
  expect(heard.notices).toEqual(['+findings-at-start of 1']);
  const summary = [...alerting.alerts()].find(({ key }) => key === 'findings-at-start');
  expect(summary?.subject.sentence).toContain('10000 findings were there before alerts began (10000 critical)');
  expect(summary?.subject.sentence).toContain('critical: No Pod of old0 is ready; critical: No Pod of old1 is ready');
  expect(summary?.subject.sentence).toContain('; and 9992 more causes.');
  await alerting.close();
});

test('a finding is told to receivers of transitions at once, and in a group to the others', async () => {
  const time = createVirtualTime(noon);
  const source = new FakeFindings();
  const { alerting, heard } = started(source, time, {
    settings: { ...settings, for: { critical: 0 }, grouping: { ...settings.grouping, wait: 30_000 } },
  });
  await time.advance(10);
  source.begin(finding('web', from(time)));
  await time.advance(0);
  expect(heard.transitions).toEqual(['fired web 10']);
  await time.advance(29_000);
  expect(heard.notices).toEqual([]);
  await time.advance(2000);
  expect(heard.notices).toEqual(['+web of 1']);
  source.end('web');
  await time.advance(10 * minute);
  expect(heard.notices).toEqual(['+web of 1', '-web of 0']);
  expect(alerting.counts()).toMatchObject({ ended: 1, notices: 2 });
  await alerting.close();
});

test('10,000 findings at once are one message for each group, and the loop is not held', async () => {
  const time = createVirtualTime(noon);
  const source = new FakeFindings();
  const { alerting, heard } = started(source, time);
  await time.advance(10);
  source.begin(
    ...Array.from({ length: 10_000 }, (_, n) => finding(`f${n}`, { ...from(time), namespace: `ns-${n % 4}` })),
  );
  await time.advance(2 * minute);
  expect(heard.notices).toHaveLength(4);
  expect(heard.notices.every((each) => each.endsWith(' of 2500'))).toBe(true);
  await alerting.close();
});

test('what stands at a receiver goes on where nothing was kept of it: it is neither told again nor said to have ended', async () => {
  const time = createVirtualTime(noon);
  const source = new FakeFindings();
  source.begin(finding('told'), finding('old'), finding('effect', { causedBy: 'told' }));
  const { alerting, heard } = started(source, time, { standing: async () => new Set(['told', 'gone']) });
  await time.advance(10);
  expect(heard.opened).toContain('told');
  expect([...alerting.alerts()].map(({ key, state }) => `${key} ${state}`).toSorted()).toEqual([
    'effect baseline',
    'findings-at-start firing',
    'old baseline',
    'told firing',
  ]);
  await time.advance(10 * minute);
  expect(heard.notices).toEqual(['+findings-at-start of 1']);
  source.end('told');
  await time.advance(10 * minute);
  expect(heard.notices).toEqual(['+findings-at-start of 1', '-told of 0']);
  await alerting.close();
});

describe('a restart in the middle', () => {
  async function over(between: (source: FakeFindings, time: VirtualTime) => void, pause = minute) {
    const time = createVirtualTime(noon);
    const source = new FakeFindings();
    const first = started(source, time, { store: new AlertFile(folder) });
    await first.alerting.settled();
    source.begin(finding('told'), finding('pending', { severity: 'medium' }), finding('goes'));
    await time.advance(2 * minute);
    await first.alerting.settled();
    expect(first.heard.notices).toEqual(['+goes +told of 2']);
    await first.alerting.close();
    between(source, time);
    await time.advance(pause);
    const second = started(source, time, { store: new AlertFile(folder) });
    await second.alerting.settled();
    return { time, source, ...second };
  }

  test('begins nothing and forgets nothing', async () => {
    const { time, heard, alerting } = await over((source, now) => {
      source.end('goes');
      source.begin(finding('new', { since: new Date(now.clock() + 1).toISOString() }));
    });
    expect(heard.opened).toEqual(['told', 'goes']);
    await time.advance(30 * minute);
    await alerting.settled();
    expect(heard.transitions.map((each) => each.split(' ').slice(0, 2).join(' '))).toEqual([
      'changed told',
      'fired new',
      'ended goes',
      'fired pending',
    ]);
    expect(heard.notices.join('; ')).toBe('+new -goes of 2; +pending of 3');
    await alerting.close();
  });

  test('sends no alert on old findings of a new rule', async () => {
    const { time, heard, alerting } = await over((source) => {
      source.begin(finding('old', { name: 'new-rule', since: new Date(noon - 60 * minute).toISOString() }));
    });
    await time.advance(10 * minute);
    await alerting.settled();
    expect(heard.transitions.join()).not.toContain(' old ');
    expect([...alerting.alerts()].find(({ key }) => key === 'old')?.state).toBe('baseline');
    await alerting.close();
  });

  test('that finds its file broken begins with a summary, as the first time', async () => {
    const { heard, alerting, time } = await over(() => {
      const file = join(folder, 'state.ndjson');
      writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(0, -2).join('\n'));
    });
    await time.advance(minute);
    await alerting.settled();
    expect(heard.transitions.map((each) => each.split(' ')[1])).toEqual(['findings-at-start']);
    await alerting.close();
  });
});

test('endless changes are limited, and those left out counted', async () => {
  const time = createVirtualTime(noon);
  let tell: Parameters<ChangeSource['subscribe']>[0] = () => undefined;
  const changes: ChangeSource = {
    subscribe(listener) {
      tell = listener;
      return () => undefined;
    },
    setRules() {},
    ready: async () => undefined,
    isSo: () => true,
  };
  const { alerting } = started(new FakeFindings(), time, { changes });
  await time.advance(10);
  const { rule: _, ...subject } = { ...finding('x'), rule: undefined };
  tell(
    Array.from({ length: 25_000 }, (__, n) => ({
      kind: 'begin',
      subject: { ...subject, id: `c${n}`, class: 'change' },
    })),
  );
  tell([{ kind: 'begin', subject: { ...subject, id: 'c0', class: 'change' } }]);
  expect([...alerting.alerts()]).toHaveLength(20_000);
  expect(alerting.counts().left).toBe(5000);
  await alerting.close();
});

describe('settings that change while it runs', () => {
  test('hold at once: receivers are others, and what they tell of', async () => {
    const time = createVirtualTime(noon);
    const source = new FakeFindings();
    const made: Heard[] = [];
    const { alerting } = started(source, time, {
      openReceiver: async ({ name }) => {
        const heard = new Heard(name);
        made.push(heard);
        return heard;
      },
    });
    await time.advance(10);
    source.begin(finding('low', { severity: 'low', ...from(time) }), finding('web', from(time)));
    await time.advance(2 * minute);
    expect(made[0]?.transitions).toHaveLength(1);
    alerting.use({
      ...settings,
      receivers: [{ name: 'other', match: {}, kind: 'log' }],
      rules: [{ kind: 'finding', finding: (name) => name === 'service-no-ready-endpoint', for: 0, severity: 'low' }],
    });
    await time.advance(minute);
    expect(alerting.receivers().map(({ name }) => name)).toEqual(['other']);
    expect(made[1]?.transitions).toEqual([`fired low ${2 * minute + 10}`]);
    await alerting.close();
  });

  test('a receiver that cannot be opened is told as failing, and the others are told', async () => {
    const time = createVirtualTime(noon);
    const { alerting, heard } = started(new FakeFindings(), time, {
      settings: { ...settings, receivers: [{ name: 'broken', match: {}, kind: 'log' }, ...settings.receivers] },
      openReceiver: async ({ name }) => {
        if (name === 'broken') throw new Error('no such file');
        return heard;
      },
    });
    await time.advance(10);
    expect(alerting.receivers()).toMatchObject([
      { name: 'heard', state: 'ok' },
      { name: 'broken', state: 'failing', lastError: { message: 'no such file' } },
    ]);
    await alerting.close();
  });
});

test('earlier changes are asked for before receivers are told, and for the worst twenty alerts only', async () => {
  const time = createVirtualTime(noon);
  const source = new FakeFindings();
  const asked: string[] = [];
  const { alerting } = started(source, time, {
    before: async ({ id }) => {
      asked.push(id);
      return { before: [{ at: '2026-11-28T11:59:00.000Z', resource: id, what: 'changed' }] };
    },
  });
  await time.advance(10);
  source.begin(...Array.from({ length: 100 }, (_, n) => finding(`f${n}`, from(time))));
  await time.advance(minute);
  expect(asked).toHaveLength(20);
  const alert = [...alerting.alerts()].find(({ key }) => key === asked[0]) as Alert;
  expect(alerting.storyOf(alert).before).toEqual([
    { at: '2026-11-28T11:59:00.000Z', resource: asked[0], what: 'changed' },
  ]);
  await alerting.close();
});
