// The changes of a span in a few lines: first what users requested, then its consequences, then a count of resources with
// reported changes only.
import { parseId } from '../../src/ids.ts';
import type { Difference, FieldChange, RelationDifference, ResourceDifference } from './compare.ts';

export interface StoryLine {
  readonly change: ResourceDifference['change'];
  readonly text: string;
}

export interface Story {
  readonly lines: readonly StoryLine[];
  /** Number of resources with changes by controllers only. */
  readonly reportedOnly: number;
}

/** Fields that users set; further fields of a resource are counted. */
const most = 4;
/** Containers belong to their Pods, and addresses to their resources. */
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
  // Relations of an added or removed resource are implied.
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

/** More than a few of one type in a namespace share a line. */
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

/** The usual short name of a field. */
function nameOf(field: string): string {
  return /(?:^|\.)(image|replicas)$/.exec(field)?.[1] ?? field;
}

function valueOf(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
