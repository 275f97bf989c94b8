// GET /cluster/groups: the graph rolled up, for graphs too large to view.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../../src/errors.ts';
import { getOrMake } from '../../src/get-or-make.ts';
import { notOneOf } from '../../src/nearest.ts';
import { Recent } from '../../src/recent.ts';
import { Type } from '../../src/schema.ts';
import { already, type Steps } from '../../src/steps.ts';
import { textOrder } from '../../src/text-order.ts';
import type { Finding, FindingsReader } from '../findings/contract.ts';
import type { SoonFound } from '../findings/desk.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { GroupIndexOptions } from '../graph/kept/group-index.ts';
import { type Piece, pieceOf } from '../graph/model/bytes.ts';
import { parseLabelSelector } from '../graph/model/parse-label-selector.ts';
import { type Groups, groupsOf, type Keying } from '../graph/questions/groups.ts';
import type { PastTexts } from '../history/past-texts.ts';
import type { Reach } from '../history/segment-load.ts';
import { type Grouping, groupings, keyingOf, ownKeysOf } from '../topology/groupings.ts';
import { zonesNow, zonesOfNodes } from '../topology/zone-of.ts';
import { turns } from '../turns.ts';
import type { Form } from '../views/form.ts';
import type { Source as AnswerSource } from './answer.ts';
import { groupsAnswer } from './answers/graph.ts';
import { countsOf } from './findings.ts';
import { type Flag, flag, isSet } from './flag.ts';
import { type FormParameter, formatParameter, formOf } from './forms.ts';
import { idsNamed } from './ids-named.ts';
import { inTurns } from './in-turns.ts';
import { gapsText, type Here, historyOf, keep, type MomentParameter, momentParameter, presentOr } from './moment.ts';
import { narrowingNames, withTypeNames } from './narrowing.ts';
import { unknownText } from './past-answer.ts';
import { pastGroups } from './past-groups.ts';
import { type GraphParameters, graphParameters, queryOf, usualDepth } from './query.ts';
import type { Route, RouteContext } from './route.ts';
import { answers, inForms } from './schemas.ts';
import { sendGraph } from './send-graph.ts';
import { unknownNamespacesText } from './unknown-namespaces.ts';
import { unchanged, validate } from './validators.ts';

const mostGroups = 100_000;
/** Findings counted between two places to be interrupted at. */
const slice = 500;

const querystring = Type.Object(
  {
    by: Type.String({
      description: `What resources are grouped by: ${groupings.join(', ')}, or label:KEY`,
      examples: ['namespace'],
      maxLength: 400,
    }),
    limit: Type.Optional(
      Type.Integer({
        description:
          'Most groups: those that fare worst first, the largest of those; `remaining` says how many are left out. All of them, in the order of keys, where it is left out',
        examples: [100],
        minimum: 1,
        maximum: mostGroups,
      }),
    ),
    relations: flag('`false` leaves out what is between groups'),
    ...graphParameters,
    ...formatParameter,
    ...momentParameter,
  },
  { additionalProperties: false },
);

interface Asked extends GraphParameters, FormParameter, MomentParameter {
  readonly by: string;
  readonly limit?: number;
  readonly relations?: Flag;
}

export const groups = {
  name: 'groups',
  register(app, context) {
    const summary = 'The graph rolled up: one resource a group, one relation a pair of groups, with counts';
    const schema = { summary, tags: ['graph'], querystring, ...answers(inForms(groupsAnswer, 'The groups')) };
    app.get('/cluster/groups', { schema }, async (request, reply) => {
      const asked = request.query;
      const form = formOf(request, reply, asked);
      const by = groupingOf(asked.by);
      const large = await tooLarge(asked, context);
      if (large) return sendLarge(request, reply, large, { by, form, asked, context });
      const here = await presentOr(context, asked, reply, reachOf(asked, context));
      const { graph, epoch } = here;
      queryOf(asked, here);
      // Findings may change without the graph: with time, or when accepted.
      const soon = here.past ? undefined : await here.findings.soon();
      const version = soon ? `${epoch}-${judgedVersion(soon)}` : epoch;
      if (unchanged(request, reply, version, graph.revision)) return reply;
      const { selection, resources, relations, ids, ends, total, remaining } = await groupsFor(reply, asked, here);
      validate(reply, version, selection.revision);
      keep(reply, here.past);
      const answer = {
        ...selection,
        size: () => already({ resources: resources.length, relations: relations.length }),
        resources: () => piecesOf(resources),
        relations: () => piecesOf(relations),
        outline: () => ({ ids, ends }),
        more: [
          ...gapsText(here),
          ...unknownNamespacesText(asked.namespace, graph),
          ...(soon ? await findingsText(asked.by, here, soon, new Set(ids)) : []),
          totalText(total, remaining),
        ],
      };
      return sendGraph(reply, answer, { form, context: here });
    });
  },
} as const satisfies Route;

/** Of a moment whose graph is not put together for this. */
async function tooLarge(asked: Asked, context: RouteContext): Promise<PastTexts | undefined> {
  const { at, root, neighbours } = asked;
  if (at === undefined || root !== undefined || isSet(neighbours)) return undefined;
  return historyOf(context).texts(at);
}

/** Of a large past graph: what is counted, and what it is grouped by. */
function reachOf(asked: Asked, context: RouteContext): Reach | undefined {
  const { at, by, root, depth = usualDepth, namespace, type } = asked;
  if (at === undefined) return undefined;
  const more = ownKeysOf(groupingOf(by)) ? 0 : keySteps;
  if (root) return { ids: idsNamed(root, { parameter: 'root', namespace }, context), steps: depth + more };
  if (type === undefined && namespace === undefined) return undefined;
  const types = type === undefined ? undefined : withTypeNames(type, context);
  return { types, namespaces: namespace, steps: 1 + more };
}

/** Relations from a Container over its Pod to its Node. */
const keySteps = 2;

interface Large {
  readonly by: Grouping;
  readonly form: Form;
  readonly asked: Asked;
  readonly context: RouteContext;
}

async function sendLarge(
  request: FastifyRequest,
  reply: FastifyReply,
  texts: PastTexts,
  { by, form, asked, context }: Large,
): Promise<FastifyReply> {
  const { moment, gaps, completeness } = texts;
  if (gaps.length > 0) reply.header('x-cluster-insight-gaps', JSON.stringify(gaps));
  const { namespace, limit, relations: flagged } = asked;
  const { resource: test } = queryOf(asked, context);
  if (unchanged(request, reply, moment.epoch, moment.revision)) return reply;
  const names = narrowingNames(asked, context);
  const relations = flagged === undefined || isSet(flagged);
  const table = await pastGroups(texts, { ...names, test, by, run: (steps) => inTurns(reply, steps) });
  const { total, remaining, ...list } = await inTurns(reply, table.list({ limit, relations }));
  validate(reply, moment.epoch, moment.revision);
  keep(reply, texts);
  const answer = {
    revision: moment.revision,
    timestamp: moment.timestamp,
    completeness: completeness.short,
    onCut: () => () => undefined,
    release: () => undefined,
    size: () => already({ resources: list.resources.length, relations: list.relations.length }),
    resources: () => piecesOf(list.resources),
    relations: () => piecesOf(list.relations),
    outline: () => ({ ids: list.ids, ends: list.ends }),
    more: [...gapsText({ past: texts }), ...(await unknownText(namespace, texts)), totalText(total, remaining)],
  };
  return sendGraph(reply, answer, { form, context });
}

function totalText(total: number, remaining: number): string {
  return `,\n"total":${total}${remaining > 0 ? `,"remaining":${remaining}` : ''}`;
}

/** The same content has the same version: findings may change, and wait for a round, while the graph stands still. */
function judgedVersion({ found, unjudged }: SoonFound): string {
  return `${found.settled ? found.version : 'unsettled'}-${unjudged}`;
}

/** Numbers of visible findings by group id, and how many resources were not looked at yet. */
async function findingsText(
  name: string,
  here: Here,
  { found, unjudged }: SoonFound,
  ids: ReadonlySet<string>,
): Promise<string[]> {
  const unjudgedText = `,\n"unjudged":${unjudged}`;
  if (!found.settled) return [unjudgedText];
  const version = `${found.version} ${here.graph.revision}`;
  const recent = getOrMake(countsOfFindings, found, () => new Recent<Counts>(() => performance.now()));
  const counts = await recent.of(name, version, () => turns.run(countsByGroup(name, found, here), kept));
  const told = [...counts].filter(([id]) => ids.has(id));
  return [`,\n"findings":${JSON.stringify(Object.fromEntries(told))}`, ...(unjudged > 0 ? [unjudgedText] : [])];
}

type Counts = ReadonlyMap<string, ReturnType<typeof countsOf>>;

const countsOfFindings = new WeakMap<FindingsReader, Recent<Counts>>();
/** Others may want what one asked for: it is counted though they left. */
const kept = new AbortController().signal;

/** In the order of ids. Advice is left out. */
function* countsByGroup(name: string, found: FindingsReader, { graph }: Here): Steps<Counts> {
  const keys = keyingOf(groupingOf(name)).keys({ undoLog: { of: (vertex) => vertex }, zones: () => zonesNow(graph) });
  const groups = new Map<string, Finding[]>();
  let looked = 0;
  for (const finding of [...found.all()]) {
    if (++looked % slice === 0) yield;
    const vertex = finding.class === 'advice' ? undefined : graph.get(finding.resource);
    for (const key of vertex ? keys(vertex) : []) getOrMake(groups, `ResourceGroup:${key}`, () => []).push(finding);
  }
  const inOrder = [...groups].sort(([a], [b]) => textOrder(a, b));
  return new Map(inOrder.map(([id, of]) => [id, countsOf(of)]));
}

type Rolled = Omit<Groups, 'selection'> & { readonly selection: AnswerSource };

/** From a kept grouping if possible; otherwise counted. */
async function groupsFor(reply: FastifyReply, asked: Asked, here: Here): Promise<Rolled> {
  const { graph, indexes, past, partial } = here;
  const { by: name, limit, relations: flagged, format: _, at: __, ...narrowing } = asked;
  const by = groupingOf(name);
  const keying = keyingOf(by);
  const relations = flagged === undefined || isSet(flagged);
  if (past || Object.keys(narrowing).length > 0 || !isKept(keying)) {
    const options = { by, keying, limit, relations, zonesOf: zonesOfNodes };
    return inTurns(reply, groupsOf(graph, queryOf(narrowing, here), options));
  }
  const index = await indexes.groups(keptOf(by, graph));
  const list = await inTurns(reply, index.list({ limit, relations }));
  // Who goes from one grouping to another may go to the rest; each takes seconds on a large cluster.
  if (!partial) void indexes.prepare(offered.map((other) => keptOf(other, graph)));
  const { revision, timestamp, completeness } = list;
  return {
    ...list,
    selection: { revision, timestamp, completeness, onCut: () => () => undefined, release: () => undefined },
  };
}

const offered = ['node', 'application', 'zone', 'type'] as const satisfies readonly Grouping[];

export function isKept(keying: Keying): boolean {
  return keying.dependents !== undefined;
}

export function keptOf(by: Grouping, graph: GraphReader): GroupIndexOptions {
  return { by, keying: keyingOf(by), zones: () => zonesNow(graph) };
}

/** @throws Fault `bad_parameter`. */
export function groupingOf(by: string): Grouping {
  const known = groupings.find((each) => each === by);
  if (known) return known;
  const key = by.startsWith('label:') ? by.slice('label:'.length) : '';
  const [first, ...more] = key === '' ? [] : (parseLabelSelector(key, 'by').matchExpressions ?? []);
  if (first?.operator === 'Exists' && more.length === 0) return `label:${first.key}`;
  throw fault('bad_parameter', {
    parameter: 'by',
    reason: notOneOf(by, [...groupings, 'label:KEY']),
  });
}

function* piecesOf(texts: readonly string[]): Generator<Piece> {
  for (const text of texts) yield pieceOf(Buffer.from(text));
}
