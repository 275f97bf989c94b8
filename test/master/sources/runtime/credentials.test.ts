import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCredentials } from '../../../../master/sources/runtime/credentials.ts';
import { stillClock } from '../../../support/still-clock.ts';

let folder = '';
let now = 0;
const clock = stillClock(() => now);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  now = 0;
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

describe('credentials', () => {
  it('follow a token that rotates, without the newline at its end', async () => {
    const tokenFile = await write('token', 'first\n');
    const source = createCredentials({ tokenFile }, clock);
    expect((await source.current()).token).toBe('first');
    await write('token', 'second\n');
    expect((await source.current()).token).toBe('first');
    now += 1000;
    expect((await source.current()).token).toBe('second');
  });

  it('are read again at once when they are doubted', async () => {
    const tokenFile = await write('token', 'first');
    const source = createCredentials({ tokenFile }, clock);
    await source.current();
    await write('token', 'second');
    source.doubt();
    expect((await source.current()).token).toBe('second');
  });

  it('stay what they were while a file is missing, and are an error when it never was there', async () => {
    const tokenFile = await write('token', 'first');
    const source = createCredentials({ tokenFile }, clock);
    await source.current();
    await rm(tokenFile);
    now += 1000;
    expect((await source.current()).token).toBe('first');
    await expect(createCredentials({ tokenFile }, clock).current()).rejects.toMatchObject({
      code: 'credentials_unreadable',
      facts: { file: tokenFile, reason: 'ENOENT' },
    });
  });

  it('keep the same TLS object as long as the files say the same', async () => {
    const files = {
      minionCaFile: await write('ca', 'ca 1'),
      minionCertFile: await write('cert', 'cert 1'),
      minionKeyFile: await write('key', 'key 1'),
      minionServerName: 'minion',
    };
    const source = createCredentials(files, clock);
    const { tls } = await source.current();
    expect(tls).toEqual({ ca: 'ca 1', cert: 'cert 1', key: 'key 1', servername: 'minion' });
    now += 1000;
    expect((await source.current()).tls).toBe(tls);
    await write('cert', 'cert 2');
    now += 1000;
    expect((await source.current()).tls).toEqual({ ...tls, cert: 'cert 2' });
  });

  it('are none where no file is given', async () => {
    expect(await createCredentials({}, clock).current()).toEqual({ token: undefined, tls: {} });
  });
});
