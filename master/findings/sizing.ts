// Containers that request far more than they use, or may use less than they need. Requires metrics.
import type { Steps } from '../../src/steps.ts';
import { bestUsage, rightSizing, type SizingFact } from '../analysis/right-sizing.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { measuredOf } from '../series/measured.ts';
import type { PastUseReader } from '../series/past-use.ts';
import { resourcesAsked } from '../series/resources-asked.ts';
import { minute, type SeriesReader } from '../series/series.ts';
import { usageOf } from '../series/usage.ts';
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

/** Reports nothing without metrics. `past`: the usage of weeks, if a Prometheus has it. */
export function resourcesMissized(series: Measured | undefined, past?: PastUseReader): GraphFindingRule {
  return {
    name: 'resources-missized',
    group: 'scaling',
    class: 'advice',
    severity: 'info',
    sentence:
      'What a container asks for, or may use, is far from what it used in the last hour, or in the week that a Prometheus keeps, by the rules of right-sizing: it is a risk where it has too little. Without measured numbers nothing is said.',
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
        last.found = yield* missized({ series, past, to: begun / minute - 1 }, view);
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

interface Measuring {
  readonly series: Measured;
  readonly past: PastUseReader | undefined;
  /** The last minute since the epoch. */
  readonly to: number;
}

function* missized({ series, past, to }: Measuring, view: FindingView): Steps<Found[]> {
  const found: Found[] = [];
  const groups = yield* groupsOf(series, view);
  yield* addPast(groups, past, view);
  for (const group of groups.values()) {
    yield;
    const [first] = group.containers;
    if (first === undefined) continue;
    const own = usageOf(group.containers.map(({ id }) => measuredOf(series, id, to)));
    const usage = bestUsage(past?.of(group.root.id, group.name), own);
    const { facts } = rightSizing(usage, resourcesAsked(view.object(first)['spec']));
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
    if (pod?.present) addTo(groups, view.rootOf(pod), container, pod);
  }
  return groups;
}

function addTo(groups: Map<string, Group>, root: Vertex, container: Vertex, pod: Vertex): void {
  const { name } = container;
  const group = groups.get(`${root.id} ${name}`) ?? { root, name, containers: [], pods: [] };
  group.containers.push(container);
  group.pods.push(pod);
  groups.set(`${root.id} ${name}`, group);
}

/** What only the Prometheus measures. */
function* addPast(groups: Map<string, Group>, past: PastUseReader | undefined, view: FindingView): Steps<void> {
  const known = new Set(groups.keys());
  for (const id of [...(past?.workloads() ?? [])]) {
    const root = view.get(id);
    if (!root?.present) continue;
    for (const pod of yield* podsBelow(root, view))
      for (const { target } of view.out(pod, 'contains')) {
        yield;
        if (target.type !== 'Container' || !target.present || known.has(`${root.id} ${target.name}`)) continue;
        if (past?.of(id, target.name)) addTo(groups, root, target, pod);
      }
  }
}

/** Owners are few above a Pod. */
const deepest = 4;

function* podsBelow(root: Vertex, view: FindingView): Steps<Vertex[]> {
  if (root.type === 'Pod') return [root];
  const pods = new Set<Vertex>();
  let level: readonly Vertex[] = [root];
  for (let depth = 0; depth < deepest && level.length > 0; depth++) {
    const next: Vertex[] = [];
    for (const owner of level)
      for (const relation of ['owns', 'monitors'] as const)
        for (const { target } of view.out(owner, relation)) {
          yield;
          if (!target.present) continue;
          if (target.type === 'Pod') pods.add(target);
          else next.push(target);
        }
    level = next;
  }
  return [...pods];
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
