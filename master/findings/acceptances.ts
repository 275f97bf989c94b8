// Useless acceptances: annotations or rules that name no existing finding, have expired, or matched nothing for a day.
import { every } from '../../src/steps.ts';
import { acceptField } from '../graph/model/fields.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { acceptedNames } from './acceptance.ts';
import type { Choice, FindingView, Found, GraphFindingRule } from './finding-rule.ts';
import { called, day, first } from './reading.ts';

export const acceptanceStale = {
  name: 'acceptance-stale',
  group: 'lifecycle',
  class: 'risk',
  severity: 'info',
  sentence:
    'An annotation or a settings rule accepts a finding that does not exist, has expired, or has matched nothing for a day.',
  remedy: 'Correct the name, or remove the acceptance.',
  link: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/',
  reads: [],
  *over(view) {
    const found: Found[] = [];
    const since = view.memory(() => new Map<string, number>());
    const pause = every(64);
    for (const vertex of view.chosen(accepting)) {
      if (pause()) yield;
      for (const { finding } of acceptedNames(vertex.fields[acceptField])) {
        const why = whyStale(`annotation of ${vertex.id}`, finding, since, view);
        if (why) found.push({ ...stale(vertex, finding, why), field: acceptField });
      }
    }
    const cluster = first(view.members('Cluster', ''));
    if (cluster) found.push(...staleRules(cluster, since, view));
    return found;
  },
} as const satisfies GraphFindingRule;

const accepting: Choice = { name: 'accepting', types: ['*'], of: ({ fields }) => fields[acceptField] };

function* staleRules(cluster: Vertex, since: Map<string, number>, view: FindingView): Generator<Found> {
  for (const { by, names, until } of view.acceptances.rules) {
    const ended = until !== undefined && until <= view.now ? `ended at ${new Date(until).toISOString()}` : undefined;
    const why = ended ?? whyStale(by, names, since, view);
    if (why)
      yield {
        ...stale(cluster, names, why),
        key: by,
        field: 'accept',
        sentence: `${by} accepts ${names}, which ${why}`,
      };
  }
}

function stale(vertex: Vertex, name: string, why: string): Found {
  return { on: vertex, key: name, sentence: `${called(vertex)} accepts ${name}, which ${why}` };
}

/** Undefined if it is used, or was used recently. */
function whyStale(by: string, name: string, since: Map<string, number>, view: FindingView): string | undefined {
  const { isKnown, isUsed } = view.acceptances;
  if (!name.includes('*') && !isKnown(name)) return 'is not a finding';
  const key = `${by} ${name}`;
  if (isUsed(by, name)) return void since.delete(key);
  const unused = since.get(key) ?? view.now;
  since.set(key, unused);
  return view.now - unused >= day ? `has matched nothing since ${new Date(unused).toISOString()}` : undefined;
}
