// On the real kernel: trace events in a separate instance, processes in control groups, network namespaces with address
// translation. Skipped only if the kernel refuses trace events, and never with CI=true.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Connections } from '../../../../minion/probes/tcp/connections.ts';
import { Owners } from '../../../../minion/probes/tcp/owners.ts';
import { Tracer } from '../../../../minion/probes/tcp/tracer.ts';
import { readTranslations } from '../../../../minion/probes/tcp/translations.ts';
import { type ContainerGroup, canTrace, containerGroup, ownAddress, traceFolder } from '../../../support/tracing.ts';

if (process.env['CI'] === 'true' && !canTrace) throw new Error('trace events need root and control groups');

const patient = { timeout: 20_000 };
/** Connections that were tried and are over. */
const overIn = (connections: Connections) =>
  connections.flows().reduce((sum, { opened, failed, open }) => sum + opened + failed - open, 0);

describe.skipIf(!canTrace)('connections as the kernel tells them', () => {
  const trace = canTrace ? traceFolder() : undefined;
  const groups: ContainerGroup[] = [];
  let server: Server | undefined;
  let port = 0;

  beforeAll(async () => {
    const listening = createServer((socket) => socket.resume().end()).listen(0, '127.0.0.1');
    server = listening;
    await new Promise((resolve) => listening.once('listening', resolve));
    port = (listening.address() as { port: number }).port;
  });
  afterAll(() => {
    server?.close();
    for (const group of groups) group.close();
    trace?.close();
  });

  function container(letter: string): ContainerGroup {
    const made = containerGroup(letter);
    groups.push(made);
    return made;
  }

  function tracing() {
    const connections = new Connections(() => undefined);
    const owners = new Owners('/proc');
    const name = `cluster-insight-test-${process.pid}`;
    const tracer = new Tracer({ folder: trace?.folder ?? '', owners, connections, name, kilobytes: 1024 });
    const timer = setInterval(() => tracer.look(Date.now()), 20);
    return {
      connections,
      tracer,
      end() {
        clearInterval(timer);
        tracer.look(Date.now());
        tracer.look(Date.now());
        tracer.close();
        return { flows: connections.flows(), lost: tracer.lost };
      },
    };
  }

  /** Bash connects by itself, without another program. */
  const inGroup = (group: string, script: string) =>
    new Promise<void>((resolve, reject) => {
      const whole = `echo $$ > ${group}/cgroup.procs; ${script}`;
      const child = spawn('bash', ['-c', whole], { stdio: ['ignore', 'ignore', 'inherit'] });
      child.once('error', reject);
      child.once('exit', () => resolve());
    });

  test('six hundred processes that live for a moment, of two containers, are all told apart', async () => {
    const [a, b] = [container('a'), container('b')];
    const { end, connections } = tracing();
    const loop = (address: string) => `for i in $(seq 300); do (exec 3<>/dev/tcp/${address}/${port}) 2>/dev/null; done`;
    // Loopback connections are not counted, so use another address of this machine.
    const address = ownAddress();
    server?.close();
    const everywhere = createServer((socket) => socket.resume().end()).listen(port, '0.0.0.0');
    server = everywhere;
    await new Promise((resolve) => everywhere.once('listening', resolve));
    await Promise.all([inGroup(a.group, loop(address)), inGroup(b.group, loop(address))]);
    // The kernel ends a connection a little after its process.
    await expect.poll(() => overIn(connections), patient).toBe(600);
    const { flows, lost } = end();
    const counted = flows.map(({ owner, destination, opened, failed }) => [owner, destination, opened + failed]);
    expect(lost).toBe(0);
    expect(counted.toSorted()).toEqual([
      [a.id, `${address}:${port}`, 300],
      [b.id, `${address}:${port}`, 300],
    ]);
    expect(flows.every(({ open, seconds }) => open === 0 && seconds > 0)).toBe(true);
  });

  test('refused connections are counted as failed, open ones as open while they are', async () => {
    const c = container('c');
    const address = ownAddress();
    const { end, connections } = tracing();
    await inGroup(c.group, `for i in 1 2 3; do (exec 3<>/dev/tcp/${address}/1) 2>/dev/null; done`);
    const held = inGroup(c.group, `exec 3<>/dev/tcp/${address}/${port}; sleep 1`);
    await expect.poll(() => connections.flows().find(({ opened }) => opened > 0)?.opened).toBe(1);
    await held;
    await expect.poll(() => overIn(connections), patient).toBe(4);
    const { flows } = end();
    const refused = flows.find(({ destination }) => destination === `${address}:1`);
    expect([refused?.failed, refused?.opened, refused?.lastFailed]).toEqual([3, 0, true]);
    expect(flows.find(({ destination }) => destination === `${address}:${port}`)?.open).toBe(0);
  });

  test('a buffer that is too small loses, says how many, and becomes larger', async () => {
    const d = container('d');
    const connections = new Connections(() => undefined);
    const name = `cluster-insight-small-${process.pid}`;
    const owners = new Owners('/proc');
    const tracer = new Tracer({ folder: trace?.folder ?? '', owners, connections, name, kilobytes: 4 });
    await inGroup(d.group, `for i in $(seq 400); do (exec 3<>/dev/tcp/${ownAddress()}/1) 2>/dev/null; done`);
    tracer.look(Date.now());
    const size = readFileSync(join(trace?.folder ?? '', 'instances', name, 'buffer_size_kb'), 'utf8');
    tracer.close();
    expect(tracer.lost).toBeGreaterThan(0);
    expect([tracer.kilobytes, Number.parseInt(size, 10)]).toEqual([8, expect.toSatisfy((now: number) => now >= 8)]);
  });

  const canTranslate = spawnSync('sh', ['-c', 'command -v ip && command -v iptables']).status === 0;
  test.skipIf(!canTranslate)(
    'between network namespaces, and through a translated address, to where it went',
    async () => {
      const e = container('e');
      const space = `ci${process.pid}`;
      const net = (script: string) => execFileSync('ip', ['netns', 'exec', `${space}-client`, 'sh', '-c', script]);
      const [clientSpace, serverSpace] = [`${space}-client`, `${space}-server`];
      execFileSync('ip', ['netns', 'add', clientSpace]);
      execFileSync('ip', ['netns', 'add', serverSpace]);
      const { end, connections } = tracing();
      let listener: ReturnType<typeof spawn> | undefined;
      try {
        execFileSync('ip', [
          'link',
          'add',
          'v0',
          'netns',
          clientSpace,
          'type',
          'veth',
          'peer',
          'v1',
          'netns',
          serverSpace,
        ]);
        for (const [where, link, address] of [
          [clientSpace, 'v0', '10.99.1.1/24'],
          [serverSpace, 'v1', '10.99.1.2/24'],
        ] as const) {
          execFileSync('ip', ['-n', where, 'addr', 'add', address, 'dev', link]);
          for (const each of ['lo', link]) execFileSync('ip', ['-n', where, 'link', 'set', each, 'up']);
        }
        execFileSync('ip', ['-n', clientSpace, 'route', 'add', '10.96.0.0/16', 'via', '10.99.1.2']);
        net('iptables -t nat -A OUTPUT -p tcp -d 10.96.0.7 --dport 80 -j DNAT --to-destination 10.99.1.2:8080');
        const serve = "require('net').createServer((s) => s.resume()).listen(8080, '10.99.1.2')";
        listener = spawn('ip', ['netns', 'exec', serverSpace, process.execPath, '-e', serve], { stdio: 'ignore' });
        await expect
          .poll(
            () =>
              spawnSync('ip', ['netns', 'exec', clientSpace, 'bash', '-c', 'exec 3<>/dev/tcp/10.99.1.2/8080']).status,
            { timeout: 20_000 },
          )
          .toBe(0);
        // A separate shell: control groups are not visible in the namespace.
        await inGroup(e.group, `ip netns exec ${clientSpace} bash -c 'exec 3<>/dev/tcp/10.96.0.7/80; sleep 0.3'`);
        await expect.poll(() => connections.flows().some(({ owner }) => owner === e.id)).toBe(true);
        const table = net('cat /proc/self/net/nf_conntrack').toString();
        async function* chunks() {
          yield table;
        }
        const translations = await readTranslations(chunks());
        connections.translate(
          ({ host, port: from }, target) => translations.get(`${host}:${from} ${target}`),
          Date.now(),
        );
        const flow = connections.flows().find(({ owner }) => owner === e.id);
        expect([flow?.destination, flow?.actual, flow?.opened]).toEqual(['10.96.0.7:80', '10.99.1.2:8080', 1]);
      } finally {
        listener?.kill();
        for (const where of [clientSpace, serverSpace]) execFileSync('ip', ['netns', 'del', where]);
        end();
      }
    },
  );
});
