import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Entry, Ledger } from '../../actor/ledger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const now = Date.UTC(2026, 0, 1);
const file = () => join(folder, 'ledger.ndjson');

function entry(id: string, state: Entry['state'], days = 0): Entry {
  const at = new Date(now - days * 86_400_000).toISOString();
  const target = { kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u' };
  const action = { id, action: 'restart', target, expected: {}, wanted: {}, until: at } as const;
  return { action, state, at, proposed: { by: 'alice', via: 'rest', at } };
}

test('the last state of each action is there after the process', () => {
  const ledger = new Ledger(folder, now);
  ledger.put(entry('a', 'dry-run'));
  ledger.put(entry('b', 'dry-run'));
  ledger.put(entry('a', 'executed'));
  const next = new Ledger(folder, now);
  expect([next.get('a')?.state, next.get('b')?.state]).toEqual(['executed', 'dry-run']);
  expect(readFileSync(file(), 'utf8').trimEnd().split('\n').length).toBe(2);
  expect(statSync(file()).mode & 0o077).toBe(0);
  for (const each of [ledger, next]) each.close();
});

test.each(['{"action":{"id":"b","ac', '{"action":{"id":"b"},"state":"executed"}'])(
  'a torn line is ignored: %s',
  (torn) => {
    const ledger = new Ledger(folder, now);
    ledger.put(entry('a', 'executing'));
    ledger.close();
    appendFileSync(file(), torn);
    const next = new Ledger(folder, now);
    expect(next.all().map(({ action }) => action.id)).toEqual(['a']);
    next.put(entry('c', 'dry-run'));
    next.close();
    expect(new Ledger(folder, now).all().length).toBe(2);
  },
);

test('a partial line that a full disk left does not hide the next one', () => {
  writeFileSync(file(), `{"action":{"id":"x","act${JSON.stringify(entry('a', 'executed'))}\n`);
  expect(new Ledger(folder, now).all().map(({ action }) => action.id)).toEqual(['a']);
});

test('a damaged ledger stops the actor, so that no action is done twice', () => {
  writeFileSync(
    file(),
    `${JSON.stringify(entry('a', 'executed'))}\nrubbish\n${JSON.stringify(entry('b', 'executed'))}\n`,
  );
  expect(() => new Ledger(folder, now)).toThrow(/line 2 of ledger\.ndjson is damaged/);
  expect(() => new Ledger(join(file(), 'x'), now)).toThrow(/CLUSTER_INSIGHT_ACTOR_DIR/);
});

test('old outcomes are removed, open actions are kept', () => {
  const ledger = new Ledger(folder, now);
  ledger.put(entry('old', 'executed', 91));
  ledger.put(entry('open', 'executing', 91));
  ledger.put(entry('new', 'refused', 89));
  ledger.close();
  const next = new Ledger(folder, now);
  expect(
    next
      .all()
      .map(({ action }) => action.id)
      .toSorted(),
  ).toEqual(['new', 'open']);
});

test('proposals that were never started are limited: those of the account with most are dropped first', () => {
  const ledger = new Ledger(folder, now, { unbegun: 5, superseded: 1000 });
  const by = (name: string, one: Entry): Entry => ({ ...one, proposed: { ...one.proposed, by: name } });
  const approved = { by: 'alice', at: entry('x', 'failed').at };
  ledger.put({ ...entry('begun', 'failed'), approved });
  ledger.put(by('bob', entry('of-bob', 'refused')));
  // Many accounts of one namespace.
  for (let i = 0; i < 50; i++)
    ledger.put(by(`system:serviceaccount:evil:${i}`, entry(`e${i}`, i % 2 ? 'refused' : 'expired')));
  ledger.put(entry('open', 'dry-run'));
  const ids = ledger.all().map(({ action }) => action.id);
  expect(ids).toEqual(expect.arrayContaining(['begun', 'of-bob', 'open', 'e49']));
  expect(ids.length).toBe(7);
  ledger.close();
});

test('the file does not grow with dropped actions', () => {
  const ledger = new Ledger(folder, now, { unbegun: 3, superseded: 10 });
  for (let i = 0; i < 200; i++) ledger.put(entry(`e${i}`, 'refused'));
  expect(readFileSync(file(), 'utf8').trimEnd().split('\n').length).toBeLessThan(15);
  ledger.put(entry('last', 'dry-run'));
  ledger.close();
  const next = new Ledger(folder, now);
  expect(next.get('last')?.state).toBe('dry-run');
  next.close();
});
