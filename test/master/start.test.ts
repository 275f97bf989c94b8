import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { start } from '../../master/start.ts';
import { silentLogger } from '../../src/logger.ts';
import { readConfig } from '../../src/settings/config.ts';

/** Servers and connections, which keep the process alive. Timers of other tests in this process come and go. */
const open = () =>
  process
    .getActiveResourcesInfo()
    .filter((name) => /TCPServerWrap|TCPSocketWrap|MessagePort|FSEvent/.test(name))
    .sort();

const listening = (port = 0) =>
  new Promise<ReturnType<typeof createServer>>((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
  });

test('a start whose port is taken says so and leaves nothing open, the demo cluster included', async () => {
  const atFirst = open();
  const taken = await listening();
  const { port } = taken.address() as { port: number };
  const before = open();
  const config = readConfig({}, ['demo', '--port', String(port)]);
  await expect(start({ config, logger: silentLogger })).rejects.toThrow('EADDRINUSE');
  await expect.poll(open).toEqual(before);
  await new Promise((resolve) => taken.close(resolve));
  await expect.poll(open).toEqual(atFirst);
});

test('a start that refuses its settings leaves nothing open', async () => {
  const before = open();
  const config = readConfig({}, ['demo', '--port', '0']);
  const broken = { ...config, auth: 'token' as const, authTokensFile: '/nowhere/tokens', minionCaFile: '/nowhere/ca' };
  await expect(start({ config: broken, logger: silentLogger })).rejects.toThrow('/nowhere/');
  await expect.poll(open).toEqual(before);
});

test('what was started is closed whole', async () => {
  const before = open();
  const running = await start({ config: readConfig({}, ['demo', '--port', '0']), logger: silentLogger });
  expect(open().length).toBeGreaterThan(before.length);
  expect((await fetch(`${running.url}/livez`)).status).toBe(200);
  await running.close();
  await expect.poll(open).toEqual(before);
});
