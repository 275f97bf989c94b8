import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEngine } from '../../minion/engine.ts';
import { drivers } from '../../minion/runtimes/index.ts';
import type { Runtime } from '../../minion/runtimes/runtime.ts';
import { socketsToTry, usualSockets } from '../../minion/sockets.ts';
import { monotonicClock } from '../../src/clock.ts';
import { type Fault, fault } from '../../src/errors.ts';
import { silentLogger } from '../../src/logger.ts';
import { startFakeCri } from '../support/fake-cri.ts';
import { startRecordingEngine } from '../support/recording-engine.ts';
import { shortFolder } from '../support/short-folder.ts';
import { stillClock } from '../support/still-clock.ts';

let folder: string;
beforeEach(() => {
  folder = shortFolder('ci-find');
});
afterEach(() => rmSync(folder, { recursive: true }));

const limits = { timeout: 20_000, answer: 100_000 };
const outcomes: string[] = [];
const engineOf = (...sockets: string[]) =>
  createEngine({
    sockets,
    drivers,
    limits,
    logger: silentLogger,
    clock: monotonicClock,
    observe: (name, outcome) => outcomes.push(`${name} ${outcome}`),
  });

/** A runtime whose failures the test defines. */
function scripted() {
  const failing = { ping: false, inspect: false };
  const closed: number[] = [];
  let opened = 0;
  const slow = async () => Promise.reject(fault('engine_slow', { seconds: 10 }));
  const open = async () => {
    const number = ++opened;
    if (failing.ping) return slow();
    return {
      identity: { name: 'docker', version: '1' },
      ping: async () => (failing.ping ? slow() : undefined),
      inspectContainer: async () => (failing.inspect ? slow() : {}),
      close: () => void closed.push(number),
    } as unknown as Runtime;
  };
  const engine = createEngine({
    sockets: ['/x'],
    drivers: [{ name: 'scripted', turn: 1, open }],
    limits,
    logger: silentLogger,
    clock: stillClock(),
    observe: () => undefined,
  });
  const inspect = () => engine.call('inspectContainer', (runtime) => runtime.inspectContainer('x')).catch(codeOf);
  return { engine, failing, closed, inspect };
}

const codeOf = (error: unknown) => (error as Fault).code;
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a runtime that hangs', () => {
  test('is down after several calls in a row without an answer, and found again when it answers', async () => {
    const { engine, failing, closed, inspect } = scripted();
    await inspect();
    expect(engine.state()).toBe(true);
    failing.ping = true;
    failing.inspect = true;
    expect([await inspect(), await inspect()]).toEqual(['engine_slow', 'engine_slow']);
    await settled();
    expect(engine.state()).toBe(true);
    await inspect();
    await settled();
    expect(engine.state()).toContain('did not answer within 10 seconds');
    expect(closed).toEqual([1]);
    expect(await inspect()).toBe('engine_slow');
    failing.ping = false;
    failing.inspect = false;
    expect(await inspect()).toEqual({});
    expect(engine.state()).toBe(true);
    engine.close();
  });

  test('is not down because of a hanging container or occasional slow calls', async () => {
    const { engine, failing, closed, inspect } = scripted();
    failing.inspect = true;
    for (let i = 0; i < 7; i++) await inspect();
    await settled();
    expect([engine.state(), closed]).toEqual([true, []]);
    for (let i = 0; i < 7; i++) {
      failing.inspect = i % 3 !== 0;
      failing.ping = true;
      await inspect();
    }
    await settled();
    expect([engine.state(), closed]).toEqual([true, []]);
    engine.close();
  });
});

describe('the runtime of a node', () => {
  test('is looked for in the usual places, those of the user last', () => {
    expect(usualSockets(0)).toEqual([
      '/var/run/docker.sock',
      '/run/podman/podman.sock',
      '/run/containerd/containerd.sock',
      '/run/k3s/containerd/containerd.sock',
      '/var/run/crio/crio.sock',
    ]);
    expect(usualSockets(1000).slice(-1)).toEqual(['/run/user/1000/podman/podman.sock']);
    expect(socketsToTry('unix:///run/x.sock', 0)).toEqual(['/run/x.sock']);
  });

  test('is the first that answers, told apart by asking it', async () => {
    const docker = await startRecordingEngine();
    const criO = await startFakeCri();
    writeFileSync(join(folder, 'file'), 'no socket');
    const absent = join(folder, 'absent');
    const first = engineOf(absent, join(folder, 'file'), criO.socket, docker.socket);
    expect((await first.current()).identity.name).toBe('cri-o');
    const second = engineOf(absent, docker.socket, criO.socket);
    expect((await second.current()).identity).toEqual({ name: 'docker', version: '28.0.0', apiVersion: '1.48' });
    for (const one of [first, second, docker, criO]) await one.close();
  });

  test('is Podman where Podman’s own header or component says so', async () => {
    const podman = await startRecordingEngine();
    podman.instead = () => ({
      body: { Version: '4.3.1', ApiVersion: '1.41', Components: [{ Name: 'Podman Engine', Version: '4.3.1' }] },
    });
    const engine = engineOf(podman.socket);
    expect((await engine.current()).identity).toEqual({ name: 'podman', version: '4.3.1', apiVersion: '1.41' });
    engine.close();
    await podman.close();
  });

  test('is not a server that answers like no runtime', async () => {
    const other = await startRecordingEngine();
    for (const reply of [{ status: 404 }, { body: { hello: 'world' } }, { raw: 'SSH-2.0\r\n\r\n', close: true }]) {
      other.instead = () => reply;
      await expect(engineOf(other.socket).current()).rejects.toMatchObject({ code: 'engine_down' });
    }
    await other.close();
  });

  test('is another one after the one before went away', async () => {
    const docker = await startRecordingEngine();
    const criO = await startFakeCri();
    const engine = engineOf(docker.socket, criO.socket);
    expect((await engine.current()).identity.name).toBe('docker');
    await docker.close();
    const ping = () => engine.call('ping', (runtime) => runtime.ping());
    await expect(ping()).rejects.toMatchObject({ code: 'engine_down' });
    expect(engine.state()).toContain('does not answer');
    await ping();
    expect((await engine.current()).identity.name).toBe('cri-o');
    expect(engine.state()).toBe(true);
    expect(outcomes.slice(-2)).toEqual(['ping engine_down', 'ping ok']);
    engine.close();
    await criO.close();
  });

  test('is looked for once by many who ask at the same time', async () => {
    const docker = await startRecordingEngine();
    const engine = engineOf(docker.socket);
    const found = await Promise.all(Array.from({ length: 10 }, () => engine.current()));
    expect(new Set(found).size).toBe(1);
    expect(docker.calls.get('/version')).toBe(1);
    engine.close();
    await docker.close();
  });

  test('is said to be missing in words that name no path', async () => {
    const engine = engineOf(join(folder, 'one'), join(folder, 'two'));
    await expect(engine.current()).rejects.toThrow('no socket of a known runtime answers on this node');
    expect(engine.state()).not.toContain(folder);
  });
});
