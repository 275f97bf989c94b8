// Probes with real runtimes: a minion's report of a container equals what the kernel says by other means.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { traceFolderIn } from '../../../minion/probes/tcp/trace-instance.ts';
import type { NodeTelemetry } from '../../../src/telemetry-api.ts';
import type { TestEngine } from '../../support/engines/engine.ts';
import { engineKinds, missing, startEngine } from '../../support/engines/index.ts';
import { startMinion, type TestMinion } from '../../support/minion.ts';

const kinds = engineKinds.filter(({ name }) => name !== 'podman');
const wanted = ['cgroup', 'delays', 'disks', 'network', 'node', 'oom', 'processes', 'tcp'];

for (const kind of kinds) {
  const reason = missing(kind);
  describe.skipIf(reason !== undefined)(`probes over ${kind.name}${reason ? ` (${reason})` : ''}`, () => {
    let engine: TestEngine;
    let minion: TestMinion;
    let server: Server;
    let mounted: string | undefined;
    let busy = '';

    beforeAll(async () => {
      if (
        traceFolderIn('') === undefined &&
        spawnSync('mount', ['-t', 'tracefs', 'nodev', '/sys/kernel/tracing']).status === 0
      )
        mounted = '/sys/kernel/tracing';
      server = createServer((socket) => socket.resume()).listen(0, '0.0.0.0');
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as { port: number };
      engine = await startEngine(kind);
      minion = await startMinion(engine.socket, '--node-name', 'node-1', '--probes', wanted.join(','));
      const talk = `nc -w 1 ${ownAddress()} ${port} </dev/null`;
      busy = await engine.run({
        name: 'busy',
        args: ['/bin/sh', '-c', `while true; do n=0; while [ $n -lt 20000 ]; do n=$((n+1)); done; ${talk}; done`],
      });
    });
    afterAll(async () => {
      await minion?.close();
      await engine?.close();
      server?.close();
      if (mounted) spawnSync('umount', [mounted]);
    });

    const told = async () => (await minion.get('/telemetry')).json<NodeTelemetry>();
    const ofBusy = (telemetry: NodeTelemetry) => telemetry.containers.find(({ id }) => id === busy);

    test('every probe that is asked for runs', async () => {
      expect((await told()).node).toBe('node-1');
      const running = Object.fromEntries(wanted.map((name) => [name, 'running']));
      await expect.poll(async () => (await told()).probes).toEqual(running);
    });

    test('processor time and memory are those that its control group and its processes have', async () => {
      await expect.poll(async () => ofBusy(await told())?.numbers.cpu ?? 0, { interval: 250 }).toBeGreaterThan(0.2);
      const before = ticksOf(busy);
      const { numbers } = ofBusy(await told()) ?? { numbers: { cpu: 0, memory: 0 } };
      const after = ticksOf(busy);
      // The group also counts ended processes, so it is never less than the sum of the living ones.
      expect(numbers.cpu ?? 0).toBeGreaterThan(before / 2);
      expect(numbers.memory ?? 0).toBeGreaterThan(10_000);
      expect(after).toBeGreaterThan(0);
    });

    test('a connection of the container is told with its destination', async () => {
      const { port } = server.address() as { port: number };
      const seen = async () => (await told()).connections.filter(({ container }) => container === busy);
      await expect
        .poll(seen, { interval: 250 })
        .toMatchObject([{ destination: `${ownAddress()}:${port}`, failed: false }]);
    });

    test('Prometheus reads the same under the names of the field', async () => {
      const { text } = await minion.get('/metrics');
      // Of all containers on the machine: other tests may run some, too.
      const lines = text
        .split('\n')
        .filter((each) => each.startsWith('container_resources_cpu_usage_seconds_total{') && !each.includes('.slice/'));
      expect(Math.max(...lines.map((line) => Number(line.split(' ').at(-1))))).toBeGreaterThan(0);
      expect(text).toMatch(/^node_resources_memory_total_bytes\{machine_id="\w*"\} \d+$/m);
    });

    test('the minion takes its trace instance away when it ends', async () => {
      const folder = join(traceFolderIn('') ?? '', 'instances');
      expect(readdirSync(folder)).toContain(`cluster-insight-${process.pid}`);
      await minion.close();
      expect(readdirSync(folder)).not.toContain(`cluster-insight-${process.pid}`);
    });
  });
}

/** Seconds of processor time of a container's living processes, from their own files. */
function ticksOf(container: string): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const own = pids.filter(
    (pid) => existsSync(`/proc/${pid}/cgroup`) && read(`/proc/${pid}/cgroup`).includes(container),
  );
  return own.reduce((sum, pid) => {
    const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
  }, 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function ownAddress(): string {
  const found = [...read('/proc/self/net/fib_trie').matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g)];
  return found.map(([, address = '']) => address).find((address) => !address.startsWith('127.')) ?? '127.0.0.1';
}
