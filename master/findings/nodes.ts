// Unhealthy nodes.
import type { ResourceFindingRule } from './finding-rule.ts';
import { called, conditionsOf, counted, day, first, minute, recordsOf, saying, specOf } from './reading.ts';

const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'] as const;

export const nodeNotReady = {
  name: 'node-not-ready',
  group: 'nodes',
  class: 'broken',
  severity: 'critical',
  tier: 'nodes',
  sentence:
    'A Node has not been ready for five minutes; or, with medium severity, under pressure for ten. It explains the findings of its Pods. Exception: a cordoned Node that is about to be removed.',
  remedy: 'Check its kubelet, runtime and network. What runs on it is listed.',
  link: 'https://kubernetes.io/docs/reference/node/node-status/#condition',
  types: ['Node'],
  reads: [],
  of(node, view) {
    if (node.health?.state === 'ok') return undefined;
    const conditions = conditionsOf(node, view);
    const ready = conditions.get('Ready');
    const taints = recordsOf(specOf(node, view)['taints']).map(({ item }) => item['key']);
    if (specOf(node, view)['unschedulable'] === true && taints.some((key) => String(key).startsWith('ToBeDeleted')))
      return undefined;
    const down = ready && ready.status !== 'True' && view.isPast(ready.since, 5 * minute) ? ready : undefined;
    const pressed = pressures
      .map((type) => conditions.get(type))
      .find((each) => each?.status === 'True' && view.isPast(each.since, 10 * minute));
    const bad = down ?? pressed;
    if (!bad) return undefined;
    const runs = [...view.out(node, 'runs')];
    return {
      on: node,
      key: bad.type,
      field: bad.field,
      path: runs.slice(0, 8),
      // Under pressure it still runs its Pods.
      affected: down ? runs.map(({ target }) => target) : [],
      severity: down ? 'critical' : 'medium',
      since: bad.since,
      sentence: down
        ? `${called(node)} is not ready: ${down.reason}${saying(down.message)}; ${counted(runs.length, 'Pod')} on it`
        : `${called(node)} is under ${bad.type}${saying(bad.message)}`,
    };
  },
} as const satisfies ResourceFindingRule;

interface Flaps {
  ready: boolean;
  readonly times: number[];
}

export const nodeFlapping = {
  name: 'node-flapping',
  group: 'nodes',
  class: 'broken',
  severity: 'medium',
  tier: 'nodes',
  remembers: true,
  sentence:
    'A Node changed between ready and not ready more than twice within 15 minutes, or six times within a day. Counted since the program started. Exception: a cordoned Node.',
  remedy: 'Check its kubelet, network and load at that time.',
  link: 'https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats',
  types: ['Node'],
  reads: [],
  of(node, view) {
    const ready = conditionsOf(node, view).get('Ready')?.status === 'True';
    const memory = view.memory<Flaps>(() => ({ ready, times: [] }));
    if (ready !== memory.ready) memory.times.push(view.now);
    memory.ready = ready;
    while ((memory.times[0] ?? Number.POSITIVE_INFINITY) < view.now - day) memory.times.shift();
    const recent = memory.times.filter((at) => at > view.now - 15 * minute);
    if ((recent.length <= 2 && memory.times.length < 6) || specOf(node, view)['unschedulable'] === true)
      return undefined;
    view.isPast(new Date(recent[0] ?? view.now).toISOString(), 15 * minute);
    const runs = first(view.out(node, 'runs'));
    return {
      on: node,
      key: 'flapping',
      field: 'status.conditions',
      path: runs ? [runs] : [],
      since: new Date(memory.times[0] ?? view.now).toISOString(),
      sentence: `${called(node)} became ready or not ready ${memory.times.length} times since ${new Date(memory.times[0] ?? view.now).toISOString()}`,
    };
  },
} as const satisfies ResourceFindingRule;
