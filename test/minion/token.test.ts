import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTokenCheck, type TokenOptions } from '../../minion/token.ts';
import { silentLogger } from '../../src/logger.ts';
import { nodeToken } from '../../src/node-token.ts';
import { startMinion } from '../support/minion.ts';
import { startRecordingEngine } from '../support/recording-engine.ts';
import { stillClock } from '../support/still-clock.ts';

let folder: string;
let file: string;
let now = 0;
const clock = stillClock(() => now);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-'));
  file = join(folder, 'token');
  now = 1_000_000;
  writeFileSync(file, ' first-token\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The header with `node-a`'s token, derived from the `token` in the file. */
const bearer = (token: string, node = 'node-a') => `Bearer ${nodeToken(token, node)}`;
const check = (more: Partial<TokenOptions> = {}) =>
  createTokenCheck({ file, node: 'node-a', takesShared: false, clock, logger: silentLogger, ...more });

describe('the token', () => {
  test("is the node's own, made of the file without the space around it", async () => {
    const { accepts } = await check();
    const own = nodeToken('first-token', 'node-a');
    expect(own).toMatch(/^[\w-]{43}$/);
    for (const good of [`Bearer ${own}`, `bearer ${own}`, `Bearer  ${own} `]) expect(await accepts(good)).toBe(true);
    const bad = [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      own,
      `Bearer ${own.slice(1)}`,
      `Bearer ${own}x`,
      `Basic ${own}`,
      `Bearer ${own} x`,
      'Bearer first-token',
      bearer('first-token', 'node-b'),
      bearer('first-token', ''),
      bearer(' first-token\n'),
    ];
    for (const one of bad) expect(await accepts(one), String(one)).toBe(false);
  });

  test('is besides the one in the file where that is asked for, and nothing else', async () => {
    const { accepts } = await check({ takesShared: true });
    for (const good of ['Bearer first-token', bearer('first-token')]) expect(await accepts(good)).toBe(true);
    for (const bad of ['Bearer first-toke', 'Bearer first-tokenx', 'Bearer first token', bearer('first-token', 'b')])
      expect(await accepts(bad), bad).toBe(false);
  });

  test('changes with its file, as a mounted secret changes: by its link', async () => {
    for (const version of ['one', 'two']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'token'), `token-${version}`);
    }
    symlinkSync('one', join(folder, 'data'));
    const { accepts } = await check({ file: join(folder, 'data', 'token') });
    expect(await accepts(bearer('token-one'))).toBe(true);
    symlinkSync('two', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'data'));
    now += 1000;
    expect(await accepts(bearer('token-one'))).toBe(false);
    expect(await accepts(bearer('token-two'))).toBe(true);
  });

  test.each([
    ['gone', () => rmSync(file)],
    ['empty', () => writeFileSync(file, '\n')],
  ] as const)('refuses every caller while its file is %s, and accepts them when it is back', async (_how, spoil) => {
    const { accepts } = await check();
    spoil();
    now += 1000;
    for (const one of [bearer('first-token'), bearer(''), 'Bearer ', undefined]) expect(await accepts(one)).toBe(false);
    writeFileSync(file, 'back');
    now += 1000;
    expect(await accepts(bearer('back'))).toBe(true);
  });

  test.each([
    ['absent', () => rmSync(file)],
    ['empty', () => writeFileSync(file, '')],
  ] as const)('must be there when a minion starts: one that is %s is refused by name', async (_how, spoil) => {
    spoil();
    await expect(startMinion('/nowhere', '--token-file', file)).rejects.toThrow(/CLUSTER_INSIGHT_TOKEN_FILE must name/);
  });

  test('is made with the name of the host where no other is given', async () => {
    const engine = await startRecordingEngine();
    const minion = await startMinion(engine.socket, '--token-file', file);
    const authorization = bearer('first-token', hostname());
    expect((await minion.get('/_ping', { authorization })).status).toBe(200);
    await minion.close();
    await engine.close();
  });

  test('may be the shared one while not all are upgraded', async () => {
    const engine = await startRecordingEngine();
    const minion = await startMinion(engine.socket, '--token-file', file, '--minion-token', 'shared');
    expect((await minion.get('/_ping', { authorization: 'Bearer first-token' })).status).toBe(200);
    await minion.close();
    await engine.close();
  });

  test('is demanded for everything but the probes', async () => {
    const engine = await startRecordingEngine();
    const minion = await startMinion(engine.socket, '--token-file', file, '--node-name', 'node-a');
    for (const path of [
      '/containers/json',
      '/snapshot',
      '/metrics',
      '/version',
      '/_ping',
      '/nothing',
      '/containers/x/json',
    ]) {
      const answer = await minion.get(path);
      expect([answer.status, answer.headers.get('www-authenticate')], path).toEqual([401, 'Bearer']);
      expect(answer.json()).toMatchObject({ success: false, code: 'unauthorized' });
      const authorization = bearer('first-token');
      expect((await minion.get(path, { authorization })).status, path).not.toBe(401);
      const withShared = await minion.get(path, { authorization: 'Bearer first-token' });
      // One token is enough to scrape all metrics.
      expect(withShared.status === 401, path).toBe(path !== '/metrics');
    }
    for (const path of ['/livez', '/readyz', '/healthz']) expect((await minion.get(path)).status, path).not.toBe(401);
    await minion.close();
    await engine.close();
  });
});
