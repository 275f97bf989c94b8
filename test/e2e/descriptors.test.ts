// A process with few file descriptors, and callers who open many connections without sending anything.
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/engines/daemon.ts';
import { ask } from '../support/http.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';
import { startRecordingEngine } from '../support/recording-engine.ts';
import { root } from '../support/source-tree.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => endPrograms());

/** The program with a limit of 256 open files. */
function startNarrow(...args: readonly string[]): Promise<Program> {
  const within = 'ulimit -n 256 && exec "$@"';
  return startProgram({
    command: ['/bin/sh', '-c', within, 'sh', process.execPath, join(root, 'src/main.ts'), ...args],
  });
}

/** Opens connections from `addresses` in turn, and sends `bytes` on each. */
function flood(program: Program, count: number, addresses: number, bytes = ''): void {
  const { port } = new URL(program.url);
  for (let i = 0; i < count; i++) {
    const localAddress = `127.0.0.${2 + (i % addresses)}`;
    const socket = connect({ host: '127.0.0.1', port: Number(port), localAddress }).on('error', () => undefined);
    if (bytes !== '') socket.write(bytes);
    sockets.push(socket);
  }
}

const modes = {
  demo: async () => ({ program: await startNarrow('demo'), close: async () => undefined }),
  async minion() {
    const engine = await startRecordingEngine();
    const program = await startNarrow('minion', '--runtime-socket', engine.socket);
    return { program, close: () => engine.close() };
  },
} as const;

const floods = [
  ['400 connections that say nothing', 400, 1, ''],
  ['400 connections of forty addresses', 400, 40, ''],
  ['400 requests that never end', 400, 1, `GET /livez HTTP/1.1\r\nhost: localhost\r\nx-slow: ${'a'.repeat(12_000)}`],
] as const;

describe.each(['demo', 'minion'] as const)('the mode %s with 256 files', (mode) => {
  test('outlives all that are opened, and answers throughout', async () => {
    const { program, close } = await modes[mode]();
    for (const [what, count, addresses, bytes] of floods) {
      flood(program, count, addresses, bytes);
      for (let i = 0; i < 4; i++) {
        expect((await ask(`${program.url}/livez`)).status, what).toBe(200);
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      expect(program.child.exitCode, what).toBeNull();
      for (const socket of sockets.splice(0)) socket.destroy();
      await eventually(`an answer of the graph or the node after ${what}`, 20_000, async () => {
        const { status } = await ask(`${program.url}${mode === 'demo' ? '/cluster/resources' : '/snapshot'}`);
        return status === 200;
      });
    }
    expect(program.words()).not.toMatch(/EMFILE|FATAL/);
    expect(await program.end()).toBe(0);
    await close();
  });
});
