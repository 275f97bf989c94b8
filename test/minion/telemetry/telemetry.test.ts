import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import type { Held } from '../../../minion/inventory/containers.ts';
import { victimOf } from '../../../minion/probes/oom.ts';
import type { Probe } from '../../../minion/probes/probe.ts';
import { startOf } from '../../../minion/probes/processes.ts';
import { Telemetry, type TelemetryOptions } from '../../../minion/telemetry/telemetry.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { NodeTelemetry } from '../../../src/telemetry-api.ts';
import { telemetryLimits } from '../../../src/telemetry-api.ts';
import { inspectOf } from '../../support/runtime.ts';

const opened: Telemetry[] = [];
afterEach(() => {
  for (const telemetry of opened.splice(0)) telemetry.close();
});

const held = (seed: string, pod?: string): Held => {
  const inspect = inspectOf(seed, pod === undefined ? {} : { pod });
  return { key: '', id: inspect.Id, image: '', running: true, pid: 1, json: JSON.stringify(inspect) };
};
const web = held('web', 'shop/web-0/app/uid');

function world(known: readonly Probe[], more: Partial<TelemetryOptions> = {}) {
  const registry = new Registry();
  const warned: object[] = [];
  const logger = {
    ...silentLogger,
    warn: (facts: object) => void warned.push(facts),
    error: (facts: object) => void warned.push(facts),
  };
  let now = 1_000_000;
  const options = {
    wanted: known.map(({ name }) => name),
    known: new Map(known.map((probe) => [probe.name, probe])),
    node: { root: '/nowhere', proc: '/proc', clock: () => now, logger: silentLogger, fetch },
    nodeName: 'node-a',
    held: async () => [web],
    registry,
    prefix: '',
    clock: () => now,
    logger: logger as never,
    ...more,
  };
  const telemetry = new Telemetry(options);
  opened.push(telemetry);
  const answer = async () => JSON.parse((await telemetry.answer()).body) as NodeTelemetry;
  return { telemetry, registry, warned, answer, pass: (ms: number) => void (now += ms) };
}

const cpu = (value: () => number): Probe => ({
  name: 'cgroup',
  needs: [],
  start: () => ({
    samples({ containers }, out) {
      for (const each of containers) {
        out.container(each, 'container_resources_cpu_usage_seconds_total', value());
        out.container(each, 'container_resources_cpu_pressure_waiting_seconds_total', 1, { kind: 'some' });
      }
    },
    facts: ({ containers }, out) => containers.forEach((each) => out.container(each, { listensOn: ['0.0.0.0:80'] })),
  }),
});
const broken: Probe = {
  name: 'oom',
  needs: [],
  start: () => ({
    samples: () => {
      throw new Error('out of order');
    },
  }),
};
const unmet: Probe = {
  name: 'tcp',
  needs: [
    { what: 'one thing', isMet: () => false },
    { what: 'another', isMet: () => false },
    { what: 'what is there', isMet: () => true },
  ],
  start: () => {
    throw new Error('must not be started');
  },
};

describe('probes', () => {
  test('a probe whose needs are not met is logged once, by name, with all that is missing', async () => {
    const { warned, answer } = world([unmet, cpu(() => 1)]);
    const reason = 'it needs one thing, and another';
    expect(warned).toEqual([{ probe: 'tcp', reason }]);
    expect((await answer()).probes).toEqual({ tcp: reason, cgroup: 'running' });
    expect(warned).toHaveLength(1);
  });

  test('an unknown probe stops the start with a list of the known ones', () => {
    expect(() => world([cpu(() => 1)], { wanted: ['gpu'] })).toThrow(
      'CLUSTER_INSIGHT_PROBES names gpu; there is cgroup',
    );
  });

  test('a failing probe stops no other, and each failure is logged once', async () => {
    const { warned, answer, pass } = world([broken, cpu(() => 1)]);
    for (let round = 0; round < 3; round++) {
      const told = await answer();
      expect(told.probes).toEqual({ oom: 'out of order', cgroup: 'running' });
      expect(told.containers).toHaveLength(1);
      pass(10_000);
    }
    expect(warned).toHaveLength(1);
  });

  test('simultaneous requests share a round, which stays valid for a while', async () => {
    let rounds = 0;
    const { answer, telemetry, pass } = world([cpu(() => ++rounds)]);
    await Promise.all([answer(), answer(), telemetry.round()]);
    await answer();
    expect(rounds).toBe(1);
    const before = await telemetry.answer();
    pass(5000);
    const after = await telemetry.answer();
    expect(rounds).toBe(2);
    expect(after.etag).not.toBe(before.etag);
  });
});

describe('what is told', () => {
  test('to the master: numbers and facts by the runtime’s id', async () => {
    const { answer } = world([cpu(() => 7)]);
    expect(await answer()).toEqual({
      node: 'node-a',
      at: 1_000_000,
      probes: { cgroup: 'running' },
      numbers: {},
      facts: {},
      containers: [{ id: web.id, numbers: { cpu: 7 }, listensOn: ['0.0.0.0:80'] }],
      connections: [],
    });
  });

  test('to Prometheus: series by the names of the field', async () => {
    const { telemetry, registry } = world([cpu(() => 7)], { prefix: 'x_' });
    await telemetry.round();
    const text = await registry.metrics();
    expect(text).toContain('# TYPE x_container_resources_cpu_usage_seconds_total counter');
    expect(text).toContain(
      'x_container_resources_cpu_usage_seconds_total{machine_id="",container_id="/k8s/shop/web-0/app"} 7',
    );
    expect(text).toContain('container_id="/k8s/shop/web-0/app",kind="some"} 1');
    expect(text).toContain('cluster_insight_probe_up{probe="cgroup"} 1');
  });

  test('values of labels are escaped, and cut where they are too long', async () => {
    const hostile: Probe = {
      name: 'node',
      needs: [],
      start: () => ({
        samples: (_round, out) => {
          out.node('node_info', 1, { hostname: 'a"b\\c\nd', kernel_version: 'k'.repeat(100_000) });
          out.node('node_uptime_seconds', Number.NaN);
        },
      }),
    };
    const { telemetry, registry } = world([hostile]);
    await telemetry.round();
    const text = await registry.metrics();
    expect(text).toContain('hostname="a\\"b\\\\c\\nd"');
    expect(text).not.toContain('k'.repeat(telemetryLimits.text + 1));
    expect(text).not.toContain('node_uptime_seconds{');
  });

  test('reports omitted parts in the answer and as a counter', async () => {
    const many: Probe = {
      name: 'tcp',
      needs: [],
      start: () => ({
        samples: (_round, out) => out.drop('events', 3),
        facts({ containers: [container] }, out) {
          const seen = { destination: '10.0.0.1:1', first: 0, last: 0, open: 0, failed: false };
          for (let count = 0; count < telemetryLimits.connections + 5; count++)
            if (container) out.connection(container, seen);
        },
      }),
    };
    const { answer, registry } = world([many]);
    const told = await answer();
    expect(told.connections).toHaveLength(telemetryLimits.connections);
    expect(told.partly).toBe('tcp: events (3), tcp: connections (5)');
    expect(await registry.metrics()).toContain('cluster_insight_probe_dropped_total{probe="tcp",what="events"} 3');
  });
});

test('the kernel log names the container in which a process was killed', () => {
  const id = 'ab'.repeat(32);
  const line = (path: string) =>
    `6,1234,99,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,oom_memcg=/kubepods,task_memcg=${path},task=stress,pid=77,uid=0\n`;
  expect(victimOf(line(`/kubepods/burstable/pod1/${id}`))).toBe(id);
  expect(victimOf(line('/system.slice/cron.service'))).toBe('/system.slice/cron.service');
  expect(victimOf(line('/'))).toBeUndefined();
  expect(victimOf('6,1,1,-;something else')).toBeUndefined();
});

test('when a process began, whatever it is called', () => {
  const fields = Array.from({ length: 30 }, (_, at) => String(at + 3));
  fields[22 - 3] = '4711';
  expect(startOf(`9 (a) (b) ${fields.join(' ')}`)).toBe(4711);
  expect(startOf('')).toBeUndefined();
});
