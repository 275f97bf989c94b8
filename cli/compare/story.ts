// The changes of a span in a few lines: first what users requested, then its consequences, then a count of resources with
// reported changes only.
import { counted } from '../../src/counted.ts';
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
      ...movedLines(others, relations),
      ...relationLines(alone),
    ],
    reportedOnly: changed.length - told.length,
  };
}

/** Relations from a resource to its parts, which are added and removed with it. */
const owning: ReadonlySet<string> = new Set(['owns', 'monitors']);

/** Resources added or removed with their owner are one line with it: a rollout is one change. */
function movedLines(moved: readonly ResourceDifference[], relations: readonly RelationDifference[]): StoryLine[] {
  const owners = new Map(
    relations.flatMap(({ change, type, source, target }) =>
      owning.has(type) ? [[`${change} ${target}`, source] as const] : [],
    ),
  );
  const groups = Map.groupBy(moved, ({ change, id }) => `${change} ${rootOf(id, change, owners) ?? ''}`);
  return [...groups].flatMap(([key, group]): StoryLine[] => {
    const owner = key.slice(key.indexOf(' ') + 1);
    const [first] = group;
    return owner === '' || !first ? grouped(group) : [{ change: first.change, text: `${listOf(group)} of ${owner}` }];
  });
}

/** The topmost owner that was added or removed too. Cycles have none. */
function rootOf(id: string, change: string, owners: ReadonlyMap<string, string>): string | undefined {
  let root: string | undefined;
  for (let next = owners.get(`${change} ${id}`), steps = 0; next !== undefined && steps < 8; steps++) {
    root = next;
    next = owners.get(`${change} ${next}`);
  }
  return root;
}

function listOf(resources: readonly ResourceDifference[]): string {
  const byType = Map.groupBy(resources, ({ type }) => type);
  return [...byType]
    .map(([type, [first, ...more]]) =>
      more.length > 0 ? `${more.length + 1} ${type}` : `${type} ${lastName(first?.id ?? '')}`,
    )
    .join(', ');
}

/** So many of a kind are told one by one. */
const few = 2;
const shown = 3;

/** Those of one resource are one line, those to one resource are one, and of many such lines there is one that counts. */
function relationLines(relations: readonly RelationDifference[]): StoryLine[] {
  const kinds = Map.groupBy(
    relations,
    (each) => `${each.change} ${each.type} ${typeOf(each.source)} ${typeOf(each.target)}`,
  );
  return [...kinds.values()].flatMap((all) => {
    const bySource = groupsOf(all, ({ source }) => source);
    const byTarget = groupsOf(all, ({ target }) => target);
    const fewest = byTarget.length < bySource.length ? byTarget : bySource;
    if (fewest.length > most * 2) return [countedLine(all)];
    return fewest.flatMap((group) =>
      group.length <= few ? group.map(relationLine) : [groupLine(group, fewest === byTarget)],
    );
  });
}

function groupsOf(relations: readonly RelationDifference[], keyOf: (each: RelationDifference) => string) {
  return [...Map.groupBy(relations, keyOf).values()];
}

function countedLine(relations: readonly RelationDifference[]): StoryLine {
  const [{ change, type, source, target }] = relations as [RelationDifference];
  const count = (end: 'source' | 'target') => new Set(relations.map((each) => each[end])).size;
  const ends = [`${count('source')} ${typeOf(source)}`, `${count('target')} ${typeOf(target)}`];
  return { change, text: `${ends[0]} ${verbOf(change, type)} ${ends[1]}` };
}

function groupLine(relations: readonly RelationDifference[], isToOne: boolean): StoryLine {
  const [{ change, type, source, target }] = relations as [RelationDifference];
  const names = relations.map((each) => lastName(isToOne ? each.source : each.target));
  const list = `${names.slice(0, shown).join(', ')}${names.length > shown ? ', …' : ''}`;
  const verb = verbOf(change, type);
  if (isToOne) return { change, text: `${relations.length} ${typeOf(source)} ${verb} ${target}: ${list}` };
  return { change, text: `${source} ${verb} ${relations.length} ${typeOf(target)}: ${list}` };
}

function typeOf(id: string): string {
  return parseId(id).type;
}

function verbOf(change: RelationDifference['change'], type: string): string {
  return `${change === 'removed' ? 'no longer' : 'now'} ${type}`;
}

/** Their names are often those of the containers of other Pods. */
const parts: ReadonlySet<string> = new Set(['Container', 'Process']);

/** Of a container with its Pod; a prefix of a digest that suffices to distinguish it. */
function lastName(id: string): string {
  const { type, path } = parseId(id);
  if (parts.has(type)) return path.slice(path.indexOf('/') + 1);
  const name = id.slice(Math.max(id.lastIndexOf('/'), id.indexOf(':')) + 1);
  return name.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '$1');
}

function relationLine({ change, source, type, target }: RelationDifference): StoryLine {
  return { change, text: `${source} ${verbOf(change, type)} ${target}` };
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
  if (wanted.length > most) words.push(`${counted(wanted.length - most, 'field')} more`);
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
