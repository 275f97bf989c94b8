import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTokenCheck } from '../../minion/token.ts';
import { silentLogger } from '../../src/logger.ts';
import { startMinion } from '../support/minion.ts';
import { startRecordingEngine } from '../support/recording-engine.ts';

let folder: string;
let file: string;
let now = 0;
const clock = () => now;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-'));
  file = join(folder, 'token');
  now = 1_000_000;
  writeFileSync(file, ' first-token\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the token', () => {
  test('is the file without the space around it, and nothing else', async () => {
    const { accepts } = await createTokenCheck(file, clock, silentLogger);
    for (const good of ['Bearer first-token', 'bearer first-token', 'Bearer  first-token '])
      expect(await accepts(good)).toBe(true);
    const bad = [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'first-token',
      'Bearer first-toke',
      'Bearer first-tokenx',
      'Basic first-token',
      'Bearer first token',
    ];
    for (const one of bad) expect(await accepts(one), String(one)).toBe(false);
  });

  test('changes with its file, as a mounted secret changes: by its link', async () => {
    for (const version of ['one', 'two']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'token'), `token-${version}`);
    }
    symlinkSync('one', join(folder, 'data'));
    const { accepts } = await createTokenCheck(join(folder, 'data', 'token'), clock, silentLogger);
    expect(await accepts('Bearer token-one')).toBe(true);
    symlinkSync('two', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'data'));
    now += 1000;
    expect(await accepts('Bearer token-one')).toBe(false);
    expect(await accepts('Bearer token-two')).toBe(true);
  });

  test.each([
    ['gone', () => rmSync(file)],
    ['empty', () => writeFileSync(file, '\n')],
  ] as const)('lets nobody in while its file is %s, and goes on when it is back', async (_how, spoil) => {
    const { accepts } = await createTokenCheck(file, clock, silentLogger);
    spoil();
    now += 1000;
    for (const one of ['Bearer first-token', 'Bearer ', undefined]) expect(await accepts(one)).toBe(false);
    writeFileSync(file, 'back');
    now += 1000;
    expect(await accepts('Bearer back')).toBe(true);
  });

  test.each([
    ['absent', () => rmSync(file)],
    ['empty', () => writeFileSync(file, '')],
  ] as const)('must be there when a minion starts: one that is %s is refused by name', async (_how, spoil) => {
    spoil();
    await expect(startMinion('/nowhere', '--token-file', file)).rejects.toThrow(/CLUSTER_INSIGHT_TOKEN_FILE must name/);
  });

  test('is demanded for everything but the probes', async () => {
    const engine = await startRecordingEngine();
    const minion = await startMinion(engine.socket, '--token-file', file);
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
      expect((await minion.get(path, { authorization: 'Bearer first-token' })).status, path).not.toBe(401);
    }
    for (const path of ['/livez', '/readyz', '/healthz']) expect((await minion.get(path)).status, path).not.toBe(401);
    await minion.close();
    await engine.close();
  });
});
