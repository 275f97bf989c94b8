// Health of a Pod whose containers had processes killed for memory while it stays ready.
import type { Vertex } from '../../graph/model/vertex.ts';
import { isKilledForMemory } from '../container.ts';
import type { Health } from '../health.ts';
import type { DerivedRule, Surroundings } from './derived-rule.ts';
import { edgesOver, owed, worse } from './worse.ts';

export const oomKills = {
  name: 'oom-kills',
  types: ['Pod'],
  over: ['contains'],
  reads: ['Container'],
  restsOnKinds: [],
  sentence:
    'A Pod that runs and is ready is degraded while the kernel killed a process of one of its containers for memory within the last ' +
    'hour, as a probe of its node or its kubelet counted.',
  of: killedHealth,
} as const satisfies DerivedRule;

function killedHealth(vertex: Vertex, before: Health | undefined, around: Surroundings): Health | undefined {
  // The Pod's own words say more than this.
  if (before?.state !== 'ok') return undefined;
  for (const edge of edgesOver(vertex, 'contains')) {
    const { health } = edge.target;
    if (!health || !isKilledForMemory(health)) continue;
    const found = owed(health.state, health.reason, edge, around);
    return worse(before, before.ready === undefined ? found : { ...found, ready: before.ready });
  }
  return undefined;
}
