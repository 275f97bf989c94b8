// `get`: resources in a table, or one with all its relations.

import type { UnknownNamespace } from '../../master/routes/unknown-namespaces.ts';
import { parseId } from '../../src/ids.ts';
import type { Relation, Resource } from '../../src/model.ts';
import type { Values } from '../arguments.ts';
import type { Call, Command } from '../command.ts';
import { exitStatus, usageFailure } from '../failure.ts';
import { type Followed, followed } from '../follow.ts';
import { checkForm, type GraphAnswer, graphFor, listForms, printForm, type Question, shownOf } from '../forms.ts';
import { idOf, type Name, readWords, typeOf } from '../names.ts';
import { type CustomColumn, customColumnsOf, customRowOf, pointersOf } from '../print/custom-columns.ts';
import type { Output } from '../print/output.ts';
import { shown } from '../print/output.ts';
import { ageCell, readyOf, restartsCell, stateOf } from '../print/state.ts';
import { type Cell, printTable, type WriteRow } from '../print/table.ts';
import { placeOf } from '../roots.ts';
import { checkLooked } from '../sources/gaps.ts';
import { jsonOf, pathOf, type Source } from '../sources/source.ts';
import { namespaceHint } from '../unknown-namespace.ts';

export const get = {
  name: 'get',
  position: 4,
  summary: 'Resources and the relations among them, or one resource with all it is related to',
  usage: '[TYPE[,TYPE...] | TYPE NAME ... | TYPE/NAME ... | ID ...]',
  description: [
    'Without a name lists resources; without a type every one. With names shows what each is related to:',
    '→ leads from the resource, ← to it. The state is in the words of kubectl, or says what is missing,',
    'unverified (not read) or stale; -o wide also says which field or resource it is owed to, and whose',
    'field made a relation, where it is not that of the one it leads from. -o custom-columns=HEADING:.path,...',
    'prints fields of your choice.',
  ],
  options: [
    'namespace',
    'all-namespaces',
    'selector',
    'field-selector',
    'health',
    'relation',
    'at',
    'watch',
    'no-headers',
    'output',
  ],
  examples: [
    { line: 'get pods -n shop', words: 'The Pods of a namespace' },
    { line: 'get deploy,svc -A -l app=frontend', words: 'Several types, every namespace, by label' },
    { line: "get -A --health '!ok,!done,!idle'", words: 'All that asks for attention' },
    { line: 'get pod/redis-0 -n shop', words: 'One Pod with all its relations and the fields that made them' },
    {
      line: 'get pods -A -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image',
      words: 'Fields of each',
    },
    { line: 'get pods -n shop -w', words: 'The Pods of a namespace, and what changes' },
    { line: 'get -n shop -o dot', words: 'The graph of a namespace for Graphviz' },
    { line: 'get pods,services -n shop -o json', words: 'Resources and relations as the REST API answers them' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const { values, words } = call;
  checkForm(values.output, listForms);
  const { types, names } = readWords(words);
  if (names.length > 0 && values.selector !== undefined)
    throw usageFailure('-l chooses among all of a type: leave the names out');
  if (names.length > 0 && values['field-selector'] !== undefined)
    throw usageFailure('--field-selector chooses among all of a type: leave the names out');
  if (names.length > 0 && values.health !== undefined)
    throw usageFailure('--health chooses among all of a type: leave the names out');
  if (values.watch === true) checkWatch(values, names);
  const source = await call.open(values.watch === true ? 'live' : names.length > 0 ? 'around' : 'within');
  try {
    return names.length > 0 ? await getNamed(call, source, names) : await getListed(call, source, types);
  } finally {
    await source.close();
  }
}

/** @throws Failure of status 2 */
function checkWatch({ output, at, filename }: Values, names: readonly Name[]): void {
  if (names.length > 0) throw usageFailure('-w goes on with a list: leave the names out, or take --health or -l');
  if (filename !== undefined) throw usageFailure('-w and -f exclude each other: files do not change');
  if (at !== undefined) throw usageFailure('-w and --at exclude each other: the past does not change');
  if (!['wide', 'table', undefined].includes(output)) throw usageFailure(`-w writes a table: leave -o ${output} out`);
}

async function getListed({ values, output, warn }: Call, source: Source, said: readonly string[]): Promise<number> {
  const types: string[] = [];
  for (const type of said) types.push(await typeOf(source, type));
  const places = new Set(types.map((type) => placeOf(source, type, values).namespace));
  if (places.size > 1)
    throw usageFailure(`${said.join(',')}: ask for what is in namespaces and what is in none apart, or with -A`);
  const namespace = types.length > 0 ? [...places][0] : placeOf(source, '', values).namespace;
  const type = types.length > 0 ? types.join(',') : undefined;
  const query = {
    ...{ type, namespace, labelSelector: values.selector, fieldSelector: values['field-selector'] },
    ...{ health: values.health, relation: values.relation },
  };
  const question = { path: '/cluster', query };
  const columns = customColumnsOf(values.output);
  if (columns) return printColumns({ values, output, warn }, source, question, columns);
  if (await printForm(output, source, values.output, question)) return exitStatus.answered;
  const { resources, completeness, revision, unknownNamespaces } = await graphFor<Listed>(source, question);
  if (resources.length === 0 && values.watch !== true) {
    const place = namespace ? ` in namespace ${namespace}` : '';
    checkLooked({ completeness }, types, place);
    warn(`no ${said.join(', ') || 'resources'} found${place}${namespaceHint(unknownNamespaces)}`);
    return exitStatus.answered;
  }
  const wide = values.output === 'wide';
  const further = await printTable(output, ...tableOf(resources, wide), { headed: values['no-headers'] !== true });
  if (values.watch === true)
    for await (const event of followed(source, shownOf(query), revision, warn))
      await tell(event, { further, wide, warn });
  return exitStatus.answered;
}

async function printColumns(
  { values, output, warn }: Pick<Call, 'values' | 'output' | 'warn'>,
  source: Source,
  { path, query }: Question,
  columns: readonly CustomColumn[],
  only?: ReadonlySet<string>,
): Promise<number> {
  const answer = await jsonOf<Listed>(source, pathOf(path, { ...query, fields: pointersOf(columns) }));
  const resources = answer.resources.filter(({ id }) => only?.has(id) !== false);
  for (const { pointer, nearest } of answer.unmatchedFields ?? [])
    warn(
      `nothing has the field ${fieldOf(pointer)}${nearest === undefined ? '' : `; did you mean ${fieldOf(nearest)}?`}`,
    );
  if (resources.length === 0) warn(`no resources found${namespaceHint(answer.unknownNamespaces)}`);
  const rows = resources.map((resource) => customRowOf(resource, columns));
  await printTable(
    output,
    columns.map(({ heading }) => heading),
    rows,
    { headed: values['no-headers'] !== true },
  );
  return exitStatus.answered;
}

/** A pointer as a path of a column. */
function fieldOf(pointer: string): string {
  const parts = pointer
    .split('/')
    .slice(2)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.map((part) => (part === '*' ? '[*]' : `.${part.replaceAll('.', '\\.')}`)).join('');
}

interface Listed extends GraphAnswer {
  readonly unmatchedFields?: readonly { readonly pointer: string; readonly nearest?: string }[];
  readonly revision: number;
  readonly unknownNamespaces?: readonly UnknownNamespace[];
}

interface Told {
  readonly further: WriteRow;
  readonly wide: boolean;
  readonly warn: (line: string) => void;
}

async function tell(event: Followed, { further, wide, warn }: Told): Promise<void> {
  if (event.kind === 'resync') return warn('some changes were missed; what follows is complete again');
  const { added = [], changed = [], removed = [] } = event.changes;
  for (const resource of [...added, ...changed]) await further(rowOf(resource, wide));
  for (const id of removed) await further([...placeCells(id), { text: '' }, { text: 'gone', style: 'dim' }]);
}

function tableOf(resources: readonly Resource[], wide: boolean): [string[], Cell[][]] {
  const headings = ['NAMESPACE', 'TYPE', 'NAME', 'READY', 'STATE', 'RESTARTS', ...(wide ? wideHeadings : [])];
  return [headings, resources.map((resource) => rowOf(resource, wide))];
}

const wideHeadings = ['AGE', 'NODE', 'APPLICATION', 'BECAUSE', 'CHANGED'];

function rowOf(resource: Resource, wide: boolean): Cell[] {
  const now = wide ? Date.now() : undefined;
  const state = [readyOf(resource), stateOf(resource), restartsCell(resource, now)];
  return [...placeCells(resource.id), ...state, ...(now === undefined ? [] : wideCells(resource, now))];
}

function placeCells(id: string): Cell[] {
  const { type, path } = parseId(id);
  const slash = isOneName(type) ? -1 : path.indexOf('/');
  return [{ text: slash < 0 ? '' : path.slice(0, slash) }, { text: type }, { text: path.slice(slash + 1) }];
}

/** Names of these types contain slashes. */
function isOneName(type: string): boolean {
  return ['Image', 'Host', 'CIDR', 'User', 'Group', 'ExternalIdentity'].includes(type);
}

/** Its location, its application, and the field or resource that causes its state. */
function wideCells(resource: Resource, now: number): Cell[] {
  const { properties, timestamp, annotations } = resource;
  const { health, application } = annotations;
  const because = health && health.state !== 'ok' ? (health.from ?? health.field) : '';
  const { spec } = (properties ?? {}) as { readonly spec?: { readonly nodeName?: unknown } | null };
  const node = typeof spec?.nodeName === 'string' ? spec.nodeName : '';
  return [
    ageCell(resource, now),
    { text: node },
    { text: application?.name ?? '' },
    { text: because, style: 'dim' },
    { text: timestamp },
  ];
}

async function getNamed({ values, output, warn }: Call, source: Source, names: readonly Name[]): Promise<number> {
  const ids: string[] = [];
  for (const name of names) ids.push(await idOf(source, name, values.namespace));
  const query = { root: ids, depth: '1', direction: 'both', relation: values.relation };
  const question = { path: '/cluster', query };
  const columns = customColumnsOf(values.output);
  if (columns) return printColumns({ values, output, warn }, source, question, columns, new Set(ids));
  if (await printForm(output, source, values.output, question)) return exitStatus.answered;
  const graph = await graphFor(source, question);
  const byId = new Map(graph.resources.map((resource) => [resource.id, resource]));
  for (const [i, id] of ids.entries()) {
    if (i > 0) await output.line('');
    await output.line(headOf(id, byId.get(id), output));
    const rows = relationsOf(id, graph.relations, byId, values.output === 'wide');
    await printTable(output, ['', 'RELATION', 'RESOURCE', 'FIELD', 'STATE', 'FIELD OF'], rows, {
      headed: values['no-headers'] !== true,
    });
  }
  return exitStatus.answered;
}

function headOf(id: string, resource: Resource | undefined, { paint }: Output): string {
  const { text, style } = resource ? stateOf(resource) : { text: '' };
  return [paint('bold', shown(id)), paint(style, shown(text))].filter((part) => part !== '').join('   ');
}

function relationsOf(
  id: string,
  relations: readonly Relation[],
  byId: ReadonlyMap<string, Resource>,
  wide: boolean,
): Cell[][] {
  const own = relations.filter(({ source, target }) => source === id || target === id);
  return own.map(({ type, source, target, annotations }) => {
    const other = byId.get(source === id ? target : source);
    const words = `${type}${annotations.optional ? ' (optional)' : ''}`;
    const state: Cell = other ? stateOf(other) : { text: '' };
    return [
      { text: source === id ? '→' : '←' },
      { text: words, style: 'cyan' },
      { text: source === id ? target : source },
      { text: annotations.field, style: 'dim' },
      state,
      { text: wide ? holderOf({ source, target, annotations }) : '', style: 'dim' },
    ];
  });
}

/** The object with the relation's field, if that is not the source. */
function holderOf({ target, annotations: { fieldOf } }: Pick<Relation, 'source' | 'target' | 'annotations'>): string {
  if (fieldOf === undefined || fieldOf === 'source') return '';
  return fieldOf === 'target' ? target : fieldOf;
}
