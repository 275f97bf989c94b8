// The story of a span in few lines: what was asked of the cluster first, what came of it behind that, and what is only
// reported again as a number.
import { parseId } from '../../src/ids.ts';
import type { Difference, FieldChange, RelationDifference, ResourceDifference } from './compare.ts';

export interface StoryLine {
  readonly change: ResourceDifference['change'];
  readonly text: string;
}

export interface Story {
  readonly lines: readonly StoryLine[];
  /** Resources of which nothing but what controllers report changed. */
  readonly reportedOnly: number;
}

/** Fields that say what somebody wants; more of a resource's fields are counted. */
const most = 4;
/** What the runtime says of a container goes with its Pod, and addresses go with theirs. */
const details: ReadonlySet<string> = new Set(['Container', 'Process', 'Image', 'EndpointSlice', 'Endpoints']);
const reported =
  /^(status|runtime|annotations|metadata\.(generation|managedFields|resourceVersion|annotations))(\.|\[|$)/;

export function storyOf({ resources, relations }: Difference): Story {
  const changed = resources.filter(({ change }) => change === 'changed');
  const told = changed.filter(
    ({ type, fields = [] }) =>
      !details.has(type) && (fields.some(({ field }) => !reported.test(field)) || healthOf(fields)),
  );
  const moved = resources.filter(({ change }) => change !== 'changed');
  const others = moved.filter(({ type }) => !details.has(type));
  const ids = new Set(moved.map(({ id }) => id));
  // What went with a resource, or came with it, goes without saying.
  const alone = relations.filter(
    ({ source, target, change }) => change !== 'changed' && !ids.has(source) && !ids.has(target),
  );
  return {
    lines: [
      ...told.map((each): StoryLine => ({ change: 'changed', text: `${each.id}   ${wordsOf(each.fields ?? [])}` })),
      ...grouped(others),
      ...alone.map(relationLine),
    ],
    reportedOnly: changed.length - told.length,
  };
}

function relationLine({ change, source, type, target }: RelationDifference): StoryLine {
  return { change, text: `${source} ${change === 'removed' ? 'no longer ' : 'now '}${type} ${target}` };
}

/** Of one type in one namespace more than a few are one line. */
function grouped(resources: readonly ResourceDifference[]): StoryLine[] {
  const groups = Map.groupBy(resources, ({ change, id, type }) => `${change} ${type} ${namespaceOf(id)}`);
  return [...groups.values()].flatMap((group): StoryLine[] => {
    const [first] = group;
    if (!first || group.length <= 3) return group.map(({ change, id }) => ({ change, text: id }));
    const place = namespaceOf(first.id);
    const names = group
      .slice(0, 3)
      .map(({ id }) => id.slice(id.lastIndexOf('/') + 1))
      .join(', ');
    return [{ change: first.change, text: `${group.length} ${first.type}${place ? ` in ${place}` : ''}: ${names}, …` }];
  });
}

function namespaceOf(id: string): string {
  const { path } = parseId(id);
  const slash = path.indexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function healthOf(fields: readonly FieldChange[]): FieldChange | undefined {
  return fields.find(({ field }) => field === 'annotations.health.state');
}

function wordsOf(fields: readonly FieldChange[]): string {
  const health = healthOf(fields);
  const wanted = fields.filter(({ field }) => !reported.test(field));
  const words = wanted
    .slice(0, most)
    .map(({ field, before, after }) => `${nameOf(field)} ${valueOf(before)} → ${valueOf(after)}`);
  if (health) words.unshift(`health ${valueOf(health.before)} → ${valueOf(health.after)}`);
  if (wanted.length > most) words.push(`${wanted.length - most} fields more`);
  return words.join(', ');
}

/** What everybody knows by its last name. */
function nameOf(field: string): string {
  return /(?:^|\.)(image|replicas)$/.exec(field)?.[1] ?? field;
}

function valueOf(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
