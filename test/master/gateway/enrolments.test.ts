import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Enrolments } from '../../../master/gateway/enrolments.ts';

const hour = 3_600_000;
let root: string;
let folder: string;
let now: number;
let enrolments: Enrolments;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-enrolments-'));
  folder = join(root, 'enrolments');
  now = Date.parse('2026-01-01T00:00:00Z');
  enrolments = new Enrolments(folder, () => now);
});
afterEach(() => rmSync(root, { recursive: true }));

const good = (cluster: string) => {
  const one = enrolments.of(cluster);
  return one === undefined ? [] : enrolments.secretsOf(one).map(({ secret }) => secret);
};

describe('a secret', () => {
  test('that was never used expires after four hours', () => {
    const { secret } = enrolments.enrol('east', 'default');
    now += 4 * hour - 1;
    expect(good('east')).toEqual([secret]);
    now += 1;
    expect(good('east')).toEqual([]);
  });

  test('that was used stays valid', () => {
    const { secret } = enrolments.enrol('east', 'default');
    now += hour;
    enrolments.used('east', secret);
    now += 1_000 * hour;
    expect(good('east')).toEqual([secret]);
  });

  test('is of 32 random bytes, and in a file that its owner alone may read', () => {
    const secrets = ['a', 'b', 'c'].map((cluster) => enrolments.enrol(cluster, 'default').secret);
    expect(new Set(secrets).size).toBe(3);
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url').length).toBe(32);
    expect(statSync(join(folder, 'a.json')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});

describe('rotation', () => {
  test('leaves the older secret as it is until the newer one was used, and a day longer', () => {
    const { secret: older } = enrolments.enrol('east', 'default');
    enrolments.used('east', older);
    now += 100 * hour;
    const { secret: newer } = enrolments.enrol('east', 'default');
    expect(good('east')).toEqual([newer, older]);
    now += hour;
    enrolments.used('east', newer);
    now += 24 * hour - 1;
    expect(good('east')).toEqual([newer, older]);
    now += 1;
    expect(good('east')).toEqual([newer]);
  });

  test('that was never used changes nothing', () => {
    const { secret } = enrolments.enrol('east', 'default');
    enrolments.used('east', secret);
    enrolments.enrol('east', 'default');
    now += 5 * hour;
    expect(good('east')).toEqual([secret]);
  });

  test('an older secret that goes on being used does not put off its end', () => {
    const { secret: older } = enrolments.enrol('east', 'default');
    enrolments.used('east', older);
    const { secret: newer } = enrolments.enrol('east', 'default');
    enrolments.used('east', newer);
    now += 23 * hour;
    enrolments.used('east', older);
    enrolments.used('east', newer);
    now += hour;
    expect(good('east')).toEqual([newer]);
  });

  test('forgets what ended when the next secret is made', () => {
    enrolments.enrol('east', 'default');
    now += 5 * hour;
    enrolments.enrol('east', 'default');
    expect(enrolments.of('east')?.secrets.length).toBe(1);
  });
});

describe('names', () => {
  test.each(['', '../x', 'East', 'a/b', '.a', 'a.', 'a'.repeat(64), 'a b', 'ä', 'a\n'])(
    'that cannot be a cluster, such as %j, are refused',
    (name) => {
      expect(() => enrolments.enrol(name, 'default')).toThrow(/must be of up to 63/);
      expect(enrolments.of(name)).toBeUndefined();
    },
  );

  test('of another account are not given twice', () => {
    enrolments.enrol('east', 'default');
    expect(() => enrolments.enrol('east', 'other')).toThrow('east is enrolled for the account default already');
  });
});

describe('what is in the folder', () => {
  test('is listed by name, and what cannot be read is named', () => {
    enrolments.enrol('west', 'default');
    enrolments.enrol('east', 'default');
    writeFileSync(join(folder, 'broken.json'), '{');
    writeFileSync(join(folder, 'other.json'), readFileSync(join(folder, 'east.json')));
    writeFileSync(join(folder, '.hidden.json'), '{');
    writeFileSync(join(folder, 'notes.txt'), 'x');
    const { enrolments: found, faults } = enrolments.list();
    expect(found.map(({ cluster }) => cluster)).toEqual(['east', 'west']);
    expect(faults).toEqual(['broken', 'other']);
    expect(enrolments.of('other')).toBeUndefined();
  });

  test('is nothing where there is no folder', () => {
    expect(enrolments.list()).toEqual({ enrolments: [], faults: [] });
  });

  test('a secret that can be guessed is not taken', () => {
    mkdirSync(folder);
    const created = '2026-01-01T00:00:00.000Z';
    writeFileSync(
      join(folder, 'x.json'),
      JSON.stringify({ cluster: 'x', account: 'a', secrets: [{ secret: 'short', created }] }),
    );
    expect(enrolments.of('x')).toBeUndefined();
  });

  test('is written in one step: nothing half written stays behind', () => {
    for (let i = 0; i < 5; i++) enrolments.enrol('east', 'default');
    expect(readdirSync(folder)).toEqual(['east.json']);
  });

  test('that lies below a file is named', () => {
    writeFileSync(folder, 'x');
    const below = join(folder, 'enrolments');
    expect(() => new Enrolments(below, () => now).enrol('east', 'default')).toThrow(below);
  });

  test('that is not a folder is named', () => {
    writeFileSync(folder, 'x');
    expect(() => enrolments.enrol('east', 'default')).toThrow(folder);
    expect(() => enrolments.list()).toThrow(folder);
  });
});

describe('a cluster', () => {
  test('that is revoked has no secret any more', () => {
    enrolments.enrol('east', 'default');
    enrolments.revoke('east');
    expect(good('east')).toEqual([]);
    expect(() => enrolments.revoke('east')).toThrow('east is not enrolled');
  });

  test('is told its log level until that is taken back', () => {
    enrolments.enrol('east', 'default');
    enrolments.setLogLevel('east', 'debug');
    expect(enrolments.of('east')?.logLevel).toBe('debug');
    enrolments.setLogLevel('east', undefined);
    expect(enrolments.of('east')).not.toHaveProperty('logLevel');
    expect(() => enrolments.setLogLevel('west', 'debug')).toThrow('west is not enrolled');
  });
});
