// GET /cluster/timeline: numbers of changes over time.

import { timestampOf } from '../../src/clock.ts';
import { Type } from '../../src/schema.ts';
import type { Count } from '../history/change-counts.ts';
import type { Timeline } from '../history/history.ts';
import { timelineAnswer } from './answers/past.ts';
import { historyOf, momentText } from './moment.ts';
import { narrowingOf, narrowingParameters } from './narrowing.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';

const querystring = Type.Object(
  {
    from: momentText('The first moment, as `at` takes it; the oldest that is kept if left out', '-6h'),
    to: momentText('The last moment; now if left out', 'now'),
    buckets: Type.Optional(
      Type.Integer({
        description: 'Into how many equal parts the time is divided',
        examples: [24],
        minimum: 1,
        maximum: 1000,
      }),
    ),
    by: Type.Optional(
      Type.Enum(['type', 'namespace'], { description: 'What changes are counted by', examples: ['namespace'] }),
    ),
    type: narrowingParameters.type,
    namespace: narrowingParameters.namespace,
  },
  { additionalProperties: false },
);

const usualBuckets = 60;

export const timeline = {
  name: 'timeline',
  register(app, context) {
    const schema = {
      summary: 'Counts of resources added, changed and removed, in equal parts of a time span',
      tags: ['history'],
      querystring,
      ...answers(timelineAnswer),
    };
    app.get('/cluster/timeline', { schema }, async (request, reply) => {
      const { from, to, buckets = usualBuckets, by = 'type', ...narrow } = request.query;
      const narrowing = narrowingOf(narrow, context);
      const found = await historyOf(context).timeline({ from, to }, buckets);
      const counts = found.counts.filter(({ type, namespace }) => narrowing.resource({ type, namespace, id: '' }));
      reply.header('cache-control', 'no-store');
      return {
        success: true as const,
        timestamp: context.graph.timestamp,
        from: timestampOf(found.from),
        to: timestampOf(found.to),
        buckets: bucketsOf({ ...found, counts }, buckets, by),
        gaps: [...found.gaps],
      };
    });
  },
} as const satisfies Route;

interface Counts {
  added: number;
  changed: number;
  removed: number;
}

function bucketsOf({ from, to, counts }: Timeline, number: number, by: 'type' | 'namespace') {
  const width = (to - from) / number;
  const inBuckets = Map.groupBy(counts, ({ bucket }) => bucket);
  return Array.from({ length: number }, (_, i) => ({
    from: timestampOf(Math.round(from + i * width)),
    to: timestampOf(Math.round(from + (i + 1) * width)),
    groups: groupsOf(inBuckets.get(i) ?? [], by),
  }));
}

function groupsOf(counts: readonly Count[], by: 'type' | 'namespace'): { [group: string]: Counts } {
  const groups = new Map<string, Counts>();
  for (const { added, changed, removed, ...place } of counts) {
    const sum = groups.get(place[by]) ?? { added: 0, changed: 0, removed: 0 };
    sum.added += added;
    sum.changed += changed;
    sum.removed += removed;
    groups.set(place[by], sum);
  }
  return Object.fromEntries([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
