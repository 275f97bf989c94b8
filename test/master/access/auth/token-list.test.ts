import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bearerToken } from '../../../../master/access/auth/authenticator.ts';
import { createTokenList } from '../../../../master/access/auth/token-list.ts';
import { silentLogger } from '../../../../src/logger.ts';
import { stillClock } from '../../../support/still-clock.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  file = join(folder, 'tokens');
});
afterAll(() => rmSync(folder, { recursive: true }));

it('knows the tokens of the file, by the names they have there', async () => {
  writeFileSync(file, '# people\nsesame,alice\n\n  nameless  \r\n');
  const list = await createTokenList({ file, clock: stillClock(), logger: silentLogger });
  expect(await list.callerOf('Bearer sesame')).toMatchObject({ name: 'alice' });
  expect((await list.callerOf('bearer nameless'))?.name).toMatch(/^token [0-9a-f]{8}$/);
  for (const header of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer Sesame',
    'Basic sesame',
    'sesame',
    'Bearer sesame,alice',
    'Bearer #',
  ])
    expect(await list.callerOf(header), String(header)).toBeUndefined();
});

it('follows the file: a removed token is refused, a new one admitted', async () => {
  let now = 0;
  writeFileSync(file, 'old,alice\n');
  const list = await createTokenList({ file, clock: stillClock(() => now), logger: silentLogger });
  writeFileSync(file, 'new,alice\n');
  now = 1500;
  expect(await list.callerOf('Bearer old')).toBeUndefined();
  expect(await list.callerOf('Bearer new')).toMatchObject({ name: 'alice' });
  rmSync(file);
  now = 3000;
  expect(await list.callerOf('Bearer new')).toBeUndefined();
  writeFileSync(file, 'back\n');
  now = 4500;
  expect(await list.callerOf('Bearer back')).toBeDefined();
});

it('refuses to start without a token', async () => {
  writeFileSync(file, '\n# nobody\n');
  await expect(createTokenList({ file, clock: stillClock(), logger: silentLogger })).rejects.toMatchObject({
    code: 'bad_setting',
  });
  await expect(createTokenList({ file: `${file}-none`, clock: stillClock(), logger: silentLogger })).rejects.toThrow(
    /TOKENS_FILE/,
  );
});

it('reads a bearer token as RFC 6750 writes it', () => {
  expect(bearerToken('BEARER  a.b-c_d~e+f/g== ')).toBe('a.b-c_d~e+f/g==');
  for (const header of ['Bearer a b', 'Bearer a\nb', `Bearer ${'x'.repeat(20_000)}`, 'Bearer =', 'Bearer ä'])
    expect(bearerToken(header)).toBeUndefined();
});
