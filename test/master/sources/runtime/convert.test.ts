import { describe, expect, it } from 'vitest';
import { convert as convertAt } from '../../../../master/sources/runtime/convert.ts';
import type { ContainerProcesses } from '../../../../src/docker-api.ts';
import type { NodeSnapshot } from '../../../../src/minion-api.ts';
import { processesOf } from '../../../../src/process-table.ts';
import { hex, imageOf, inspectOf, sha, snapshotOf } from '../../../support/runtime.ts';

const place = 'shop/redis-0/redis/uid-1';

function withProcesses(table: ContainerProcesses): NodeSnapshot {
  const processes = processesOf(table);
  return { ...snapshotOf([]), containers: [{ inspect: inspectOf('redis', { pod: place }), processes }] };
}

const convert = (node: string, snapshot: NodeSnapshot) => convertAt(node, snapshot, 0);

describe('a container of a Pod', () => {
  it("has the id that the Pod's status gives it, by the labels the runtime keeps", () => {
    const inspect = inspectOf('redis', { pod: place });
    const [container] = convert('n1', snapshotOf([inspect])).containers;
    expect(container).toMatchObject({
      id: 'Container:shop/redis-0/redis',
      containerID: hex('redis'),
      label: 'redis',
      pod: { namespace: 'shop', name: 'redis-0', uid: 'uid-1' },
      image: { image: 'redis:7', imageID: sha('image') },
    });
    expect(container?.inspect).toBe(inspect);
  });

  it.each(['/k8s_redis_redis-0_shop_uid-1_0', '/k8s_redis_redis-0_shop_uid-1_3_a1b2c3'])(
    'is known by the name %s that the kubelet gives it where there are no labels',
    (Name) => {
      const [container] = convert('n1', snapshotOf([inspectOf('x', { fields: { Name } })])).containers;
      expect(container).toMatchObject({ id: 'Container:shop/redis-0/redis', pod: { uid: 'uid-1' } });
    },
  );

  it('is the newest of its incarnations, to the nanosecond', () => {
    const attempt = (seed: string, Created: string, Running: boolean) =>
      inspectOf(seed, { pod: place, fields: { Created, State: { Status: Running ? 'running' : 'exited', Running } } });
    const snapshot = snapshotOf([
      attempt('second', '2026-11-20T10:00:05.100000001Z', true),
      attempt('third', '2026-11-20T10:00:05.100000002Z', false),
      attempt('first', '2026-11-20T10:00:05.1Z', true),
    ]);
    for (const containers of [snapshot.containers, snapshot.containers.toReversed()]) {
      const found = convert('n1', { ...snapshot, containers }).containers;
      expect(found.map(({ containerID }) => containerID)).toEqual([hex('third')]);
    }
  });

  it('is the running one of two made at one moment', () => {
    const exited = { State: { Status: 'exited', Running: false } };
    const containers = [inspectOf('z', { pod: place, fields: exited }), inspectOf('a', { pod: place })];
    expect(convert('n', snapshotOf(containers)).containers.map(({ containerID }) => containerID)).toEqual([hex('a')]);
  });
});

describe('a container outside any Pod', () => {
  it('has its node and name as id', () => {
    const [container] = convert('n1', snapshotOf([inspectOf('registry')])).containers;
    expect(container).toMatchObject({ id: 'Container:n1/registry', label: 'registry' });
    expect(container).not.toHaveProperty('pod');
  });

  it("without a name has the first digits of its id; a name that only looks like the kubelet's is a name", () => {
    const nameless = inspectOf('nameless', { fields: { Name: '' } });
    const lookalike = inspectOf('x', { fields: { Name: '/k8s_redis_shop_1' } });
    expect(convert('n1', snapshotOf([nameless, lookalike])).containers.map(({ id }) => id)).toEqual([
      `Container:n1/${hex('nameless').slice(0, 12)}`,
      'Container:n1/k8s_redis_shop_1',
    ]);
  });
});

it.each([
  ['a sandbox of Docker', { labels: { 'io.kubernetes.docker.type': 'podsandbox' } }],
  ['a sandbox of containerd', { labels: { 'io.cri-containerd.kind': 'sandbox' } }],
  ['a pause container without labels', { fields: { Name: '/k8s_POD_redis-0_shop_uid-1_0' } }],
  ['the infra container of a Podman pod', { fields: { IsInfra: true } }],
])('%s is no container', (_what, options) => {
  expect(convert('n1', snapshotOf([inspectOf('pause', options)]))).toMatchObject({ containers: [], processes: [] });
});

describe('processes', () => {
  const titles = ['USER', 'PID', '%CPU', 'STAT', 'TIME', 'COMMAND'];

  it('are rows read by their titles, each under its container', () => {
    const processes = { Titles: titles, Processes: [['root', '100', '0.1', 'Ss', '0:00', 'redis-server', '*:6379']] };
    expect(convert('n1', withProcesses(processes)).processes).toMatchObject([
      {
        container: 'Container:shop/redis-0/redis',
        pid: '100',
        properties: {
          USER: 'root',
          PID: '100',
          '%CPU': '0.1',
          STAT: 'Ss',
          TIME: '0:00',
          COMMAND: 'redis-server *:6379',
        },
      },
    ]);
  });

  it('have not changed when only their counters moved, and have when the command is another', () => {
    const stable = (...row: string[]) =>
      convert('n', withProcesses({ Titles: titles, Processes: [row] })).processes[0]?.stable;
    const before = stable('root', '100', '0.1', 'Ss', '0:00', 'redis-server');
    expect(before).toBeTypeOf('string');
    expect(stable('root', '100', '9.9', 'R', '1:00', 'redis-server')).toBe(before);
    expect(stable('root', '100', '0.1', 'Ss', '0:00', 'sh')).not.toBe(before);
  });

  it('are read from the one column that Podman can answer', () => {
    const processes = {
      Titles: ['PID   USER     COMMAND'],
      Processes: [['1     root     sleep 1000'], ['22 nobody   sh -c x']],
    };
    expect(convert('n1', withProcesses(processes)).processes.map(({ properties }) => properties)).toEqual([
      { PID: '1', USER: 'root', COMMAND: 'sleep 1000' },
      { PID: '22', USER: 'nobody', COMMAND: 'sh -c x' },
    ]);
  });

  it('without a number as PID are none', () => {
    const rows = [['root', 'x', '', '', '', 'a'], [], ['root', '', '', '', '', 'b']];
    expect(convert('n1', withProcesses({ Titles: titles, Processes: rows })).processes).toEqual([]);
    expect(convert('n1', withProcesses({ Titles: ['USER'], Processes: [['root']] })).processes).toEqual([]);
    expect(convert('n1', withProcesses({ Titles: [], Processes: [['1']] })).processes).toEqual([]);
  });
});

it('the log of a health check is not a change of its container, its verdict is', () => {
  const stable = (Health: object) => {
    const State = { Status: 'running', Running: true, Health };
    return convert('n', snapshotOf([inspectOf('x', { fields: { State } })])).containers[0]?.stable;
  };
  const before = stable({ Status: 'healthy', FailingStreak: 0, Log: [{ Start: '10:00' }] });
  expect(stable({ Status: 'healthy', FailingStreak: 0, Log: [{ Start: '10:30' }] })).toBe(before);
  expect(stable({ Status: 'unhealthy', FailingStreak: 1, Log: [] })).not.toBe(before);
});

it('images are handed on with the node that knows them', () => {
  const image = imageOf('a');
  expect(convert('n1', snapshotOf([], [image])).images).toEqual([{ node: 'n1', inspect: image }]);
});

it('what could not be read of a container stays beside it', () => {
  const snapshot = { ...snapshotOf([]), containers: [{ inspect: inspectOf('x'), error: 'processes: status 500' }] };
  expect(convert('n1', snapshot).containers[0]).toMatchObject({ error: 'processes: status 500' });
});
