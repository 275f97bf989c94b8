// The machine's wall clock is changed: revoked rights stay revoked, and granted ones remain.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenList } from '../../../master/access/auth/token-list.ts';
import { createTokenReview } from '../../../master/access/auth/token-review.ts';
import { createTokenFile } from '../../../master/sources/kubernetes/token-file.ts';
import { createCredentials as createMinionCredentials } from '../../../master/sources/runtime/credentials.ts';
import { createTokenCheck } from '../../../minion/token.ts';
import { monotonicClock } from '../../../src/clock.ts';
import { silentLogger } from '../../../src/logger.ts';
import { nodeToken } from '../../../src/node-token.ts';
import { Windows } from '../../../src/windows.ts';
import { eventually } from '../../support/engines/daemon.ts';
import { stillClock } from '../../support/still-clock.ts';

const hour = 3_600_000;
const now = Date.now();
const step = (ms: number) => void vi.spyOn(Date, 'now').mockReturnValue(now + ms);

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clock-'));
  file = join(folder, 'tokens');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe.each([
  ['an hour back', -hour],
  ['two hours on', 2 * hour],
  ['by a second', -1000],
])('a clock that is set %s', (_how, by) => {
  it('shows minions the token that its file has now', async () => {
    writeFileSync(file, 'one');
    const source = createMinionCredentials({ tokenFile: file });
    expect((await source.current()).token).toBe('one');
    step(by);
    writeFileSync(file, 'two');
    await eventually('the new token', 30_000, async () => (await source.current()).token === 'two');
  });

  it('shows the API server the token that its file has now', async () => {
    writeFileSync(file, 'one');
    let age = 0;
    const token = createTokenFile(
      file,
      stillClock(() => age),
    );
    expect(await token.token()).toBe('one');
    step(by);
    writeFileSync(file, 'two');
    expect(await token.token()).toBe('one');
    age += 60_000;
    expect(await token.token()).toBe('two');
  });

  it('keeps no token good that left the file', async () => {
    writeFileSync(file, 'good\nbobs\n');
    const { callerOf } = await createTokenList({ file, clock: monotonicClock, logger: silentLogger });
    expect(await callerOf('Bearer bobs')).toBeDefined();
    step(by);
    writeFileSync(file, 'good\n');
    await eventually('the file to be read', 30_000, async () => (await callerOf('Bearer bobs')) === undefined);
    expect(await callerOf('Bearer good')).toBeDefined();
  });

  it("keeps no minion's token good", async () => {
    writeFileSync(file, 'old');
    const { accepts } = await createTokenCheck({
      file,
      node: 'a',
      takesShared: false,
      clock: monotonicClock,
      logger: silentLogger,
    });
    const old = `Bearer ${nodeToken('old', 'a')}`;
    expect(await accepts(old)).toBe(true);
    step(by);
    writeFileSync(file, 'new');
    await eventually('the file to be read', 30_000, async () => !(await accepts(old)));
  });

  it('does not change how long reviews are valid or addresses wait', async () => {
    let time = 0;
    let asked = 0;
    const body = Buffer.from(JSON.stringify({ status: { authenticated: true, user: { username: 'bob' } } }));
    const client = { review: async () => ({ status: 201, headers: {}, body: (asked++, body) }) };
    const clock = stillClock(() => time);
    const { callerOf } = createTokenReview({ client, clock });
    const windows = new Windows({ most: 1, clock });
    await callerOf('Bearer bob');
    windows.count('address');
    step(by);
    time = 19_000;
    await callerOf('Bearer bob');
    expect([asked, windows.wait('address')]).toEqual([1, 41]);
    time = 61_000;
    await callerOf('Bearer bob');
    expect([asked, windows.wait('address')]).toEqual([2, 0]);
  });
});
