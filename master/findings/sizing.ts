// Containers that request far more than they use, or may use less than they need. Requires metrics.
import type { Steps } from '../../src/steps.ts';
import { type MeasuredContainer, rightSizing, type SizingFact } from '../analysis/right-sizing.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { memoryUsed } from '../series/memory-used.ts';
import { resourcesAsked } from '../series/resources-asked.ts';
import { minute, minutesKept, type SeriesReader } from '../series/series.ts';
import type { FindingView, Found, GraphFindingRule } from './finding-rule.ts';
import { called } from './reading.ts';

/** Milliseconds between two checks: metrics change constantly, but proposals need not. */
const step = 10 * minute;

type Measured = Pick<SeriesReader, 'ids' | 'values' | 'facts'>;

interface Group {
  readonly root: Vertex;
  readonly name: string;
  readonly containers: Vertex[];
  readonly pods: Vertex[];
}

/** Reports nothing without metrics. */
export function resourcesMissized(series: Measured | undefined): GraphFindingRule {
  return {
    name: 'resources-missized',
    group: 'scaling',
    class: 'advice',
    severity: 'info',
    sentence:
      'What a container asks for, or may use, is far from what it used in the last hour, by the rules of right-sizing: it is a risk where it has too little. Without measured numbers nothing is said.',
    remedy:
      'Set what is proposed: GET /cluster/right-sizing has it as an action that can be handed to the actor as it is.',
    link: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
    reads: [],
    *over(view) {
      if (series === undefined) return [];
      const begun = Math.floor(view.now / step) * step;
      // Runs again when the next metrics are worth a look, even if nothing else changes.
      view.isPast(new Date(begun).toISOString(), step);
      const last = view.memory<{ begun: number; found: readonly Found[] }>(() => ({ begun: -1, found: [] }));
      if (last.begun !== begun) {
        last.found = yield* missized(series, view, begun / minute - 1);
        last.begun = begun;
      }
      return last.found.flatMap((found) => {
        const on = view.get(found.on.id);
        return on?.present ? [{ ...found, on }] : [];
      });
    },
  };
}

export const resourcesMissizedByDefault = resourcesMissized(undefined);

function* missized(series: Measured, view: FindingView, to: number): Steps<Found[]> {
  const found: Found[] = [];
  for (const group of (yield* groupsOf(series, view)).values()) {
    yield;
    const [first] = group.containers;
    if (first === undefined) continue;
    const { facts } = rightSizing(
      group.containers.map(({ id }) => measuredOf(series, id, to)),
      resourcesAsked(view.object(first)['spec']),
    );
    // Unset requests are another finding.
    const told = facts.filter(({ verdict }) => verdict !== 'absent');
    if (told.length > 0) found.push(foundOf(group, told));
  }
  return found;
}

function* groupsOf(series: Measured, view: FindingView): Steps<Map<string, Group>> {
  const groups = new Map<string, Group>();
  for (const id of [...series.ids()]) {
    yield;
    const container = view.get(id);
    if (!container?.present || container.type !== 'Container') continue;
    const pod = [...view.into(container, 'contains')].find(({ source }) => source.type === 'Pod')?.source;
    if (pod === undefined || !pod.present) continue;
    const root = view.rootOf(pod);
    const { name } = container;
    const group = groups.get(`${root.id} ${name}`) ?? { root, name, containers: [], pods: [] };
    group.containers.push(container);
    group.pods.push(pod);
    groups.set(`${root.id} ${name}`, group);
  }
  return groups;
}

function measuredOf(series: Measured, id: string, to: number): MeasuredContainer {
  const values = (family: string) => series.values(id, family, to - minutesKept + 1, to);
  const memory = memoryUsed(series, id, to - minutesKept + 1, to);
  const oomKills = series.facts(id)?.oomKills ?? 0;
  return { cpu: values('cpu'), cpuThrottled: values('cpuThrottled'), memory, oomKills };
}

function foundOf({ root, name, pods }: Group, facts: readonly SizingFact[]): Found {
  const little = facts.filter(({ verdict }) => verdict === 'too-little');
  const isMemory = little.some(({ field }) => field === 'limits.memory');
  const said = facts.map(({ field, now, quantity, why }) => `${field} ${amount(field, now)} → ${quantity}: ${why}`);
  return {
    on: root,
    key: name,
    sentence: `${called(root)}: container ${name}: ${said.join('; ')}`,
    ...(little.length > 0 ? { class: 'risk', severity: isMemory ? 'medium' : 'low' } : {}),
    affected: pods,
  };
}

/** Cores or bytes in Kubernetes notation. */
function amount(field: string, value: number | undefined): string {
  if (value === undefined) return 'not set';
  return field.endsWith('.cpu') ? `${Math.round(value * 1000)}m` : `${Math.round(value / 2 ** 20)}Mi`;
}
