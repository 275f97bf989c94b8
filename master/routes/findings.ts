// GET /cluster/findings: findings, worst first.
import type { FastifyReply } from 'fastify';
import { Fault, fault } from '../../src/errors.ts';
import { getOrMake } from '../../src/get-or-make.ts';
import { Type } from '../../src/schema.ts';
import { textOrder } from '../../src/text-order.ts';
import { type Finding, type FindingsReader, findingClasses, findingSeverities } from '../findings/contract.ts';
import { findingOrder } from '../findings/kept/findings.ts';
import type { GraphReader } from '../graph/contract.ts';
import { findingsAnswer } from './answers/findings.ts';
import { type FindingParameters, findingParameters, findingTestOf, resourcesOf, wantsAdvice } from './finding-query.ts';
import { formOf } from './forms.ts';
import { type Here, keep, type MomentParameter, momentParameter, presentOr } from './moment.ts';
import type { Route, RouteContext } from './route.ts';
import { answers } from './schemas.ts';
import { unknownNamespaces } from './unknown-namespaces.ts';
import { unchanged } from './validators.ts';

const most = 10_000;
const usual = 1_000;
const groupings = ['name', 'class', 'severity', 'namespace', 'type', 'resource', 'application'] as const;
type FindingGrouping = (typeof groupings)[number];

const querystring = Type.Object(
  {
    ...findingParameters,
    by: Type.Optional(
      Type.Enum([...groupings], {
        description: 'Counts in groups in place of the findings themselves',
        examples: ['namespace'],
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        description: 'Most findings; `cursor` asks for the next',
        examples: [100],
        minimum: 1,
        maximum: most,
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        description: 'The `cursor` of the page before: what comes after its last finding, as things are now',
        examples: ['WyJoaWdoIiwib29tLWtpbGxlZCIsIlBvZDpzaG9wL2EiLCJ6cThzSzJtMGFQM2JUN3hZIl0'],
        maxLength: 4096,
        pattern: '^[A-Za-z0-9_-]+$',
      }),
    ),
    format: Type.Optional(
      Type.Enum(['json', 'ndjson'], {
        description: 'The form of the answer; wins over `Accept`',
        examples: ['ndjson'],
      }),
    ),
    ...momentParameter,
  },
  { additionalProperties: false },
);

interface Asked extends FindingParameters, MomentParameter {
  readonly by?: FindingGrouping;
  readonly limit?: number;
  readonly cursor?: string;
  readonly format?: 'json' | 'ndjson';
}

export const findings = {
  name: 'findings',
  register(app, context) {
    const schema = {
      summary: 'What is wrong: broken, at risk, or against good advice, the worst first',
      tags: ['findings'],
      querystring,
      ...answers({
        description: 'The findings',
        content: {
          'application/json': { schema: findingsAnswer },
          'application/x-ndjson': { schema: Type.String() },
        },
      }),
    };
    app.get('/cluster/findings', { schema }, async (request, reply) => {
      const asked = request.query;
      const form = formOf(request, reply, asked, 'lines');
      const here = await wholeOf(context, asked, reply);
      const found = await findingsFor(asked, here);
      const { revision } = here.graph;
      // Of the past it depends on the moment, too: what lasts for long is found while nothing changes.
      const version = here.past ? `${here.epoch}-${here.past.time}` : `${here.epoch}-${found.version}`;
      if (unchanged(request, reply, version, revision)) return reply;
      keep(reply, here.past);
      const list = [...found.current()].filter(findingTestOf(asked, here, found));
      if (form.name === 'ndjson') return sendLines(reply, list, headOf(here, found, list, asked));
      if (asked.by !== undefined)
        return { ...headOf(here, found, list, asked), groups: groupsOf(list, asked.by, here.graph) };
      return { ...headOf(here, found, list, asked), ...pageOf(list, asked) };
    });
  },
} as const satisfies Route;

/** A finding may rest on anything, such as that nothing of a kind is there: no part of a past graph will do. */
async function wholeOf(context: RouteContext, asked: MomentParameter, reply: FastifyReply): Promise<Here> {
  try {
    return await presentOr(context, asked, reply);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'query_too_large') throw error;
    const hint =
      'narrowing does not help here, as a finding may rest on anything in the cluster; without at= findings of now are answered at any size, and /cluster/diff and /cluster/history at any time';
    throw fault('query_too_large', { reason: error.facts['reason'] ?? '', hint }, error);
  }
}

/** Kept findings for the current graph; computed ones for a past moment. */
export function findingsHere({ findings: desk, past, graph }: Here, advice: boolean): Promise<FindingsReader> {
  return past ? desk.ofPast(graph, past.time) : desk.current(advice);
}

type Told = Pick<FindingsReader, 'current' | 'about' | 'undecided' | 'version'>;

/** Advice is looked for everywhere where it is asked for; where it is asked of some resources by id, on the spot, of these alone. */
async function findingsFor(asked: Asked, here: Here): Promise<Told> {
  const advice = wantsAdvice(asked);
  const found = await findingsHere(here, advice && asked.resource === undefined);
  if (!advice || found.keepsAdvice || asked.resource === undefined) return found;
  const more = new Map(resourcesOf(asked, here).map((id) => [id, [...found.adviceAbout(id)]]));
  const all = new Map([...found.all(), ...[...more.values()].flat()].map((finding) => [finding.id, finding]));
  return {
    current: () => [...all.values()].sort(findingOrder),
    about: (id) => [...found.about(id), ...(more.get(id) ?? [])].map((finding) => all.get(finding.id) ?? finding),
    undecided: () => found.undecided(),
    version: found.version,
  };
}

/** Metadata of every answer. */
function headOf({ graph, demo, past }: Here, found: Told, list: readonly Finding[], { namespace }: Asked) {
  const unknown = unknownNamespaces(namespace, graph);
  return {
    success: true as const,
    timestamp: graph.timestamp,
    revision: graph.revision,
    ...(demo ? { demo: true as const } : {}),
    counts: countsOf(list),
    total: list.length,
    undecided: [...found.undecided()],
    ...(past && past.gaps.length > 0 ? { gaps: past.gaps } : {}),
    ...(unknown.length > 0 ? { unknownNamespaces: unknown } : {}),
    completeness: JSON.parse(graph.completeness()) as object,
  };
}

/** By class, then severity; accepted ones separately. */
export function countsOf(list: Iterable<Finding>) {
  const counts = Object.fromEntries(
    findingClasses.map((each) => [each, Object.fromEntries(findingSeverities.map((severity) => [severity, 0]))]),
  ) as { [name: string]: { [severity: string]: number } };
  let accepted = 0;
  for (const finding of list) {
    const of = counts[finding.class];
    if (finding.accepted) accepted++;
    else if (of) of[finding.severity] = (of[finding.severity] ?? 0) + 1;
  }
  return { ...counts, accepted };
}

function pageOf(list: readonly Finding[], { limit = usual, cursor }: Asked) {
  const after = cursor === undefined ? undefined : placeIn(cursor);
  const rest = after ? list.filter((each) => findingOrder(each, after) > 0) : list;
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const remaining = rest.length - page.length;
  return { findings: page, ...(remaining > 0 && last ? { remaining, cursor: cursorAt(last) } : {}) };
}

function cursorAt({ severity, name, resource, id }: Finding): string {
  return Buffer.from(JSON.stringify([severity, name, resource, id])).toString('base64url');
}

/** @throws Fault `bad_parameter`. */
function placeIn(cursor: string): Finding {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(read) || read.length !== 4 || read.some((each) => typeof each !== 'string')) throw new Error();
    const [severity, name, resource, id] = read as [Finding['severity'], string, string, string];
    return { severity, name, resource, id } as Finding;
  } catch {
    throw fault('bad_parameter', { parameter: 'cursor', reason: 'it is none that an answer gave' });
  }
}

/** Groups by worst finding, then by number. */
function groupsOf(list: readonly Finding[], by: FindingGrouping, graph: GraphReader) {
  const groups = new Map<string, Finding[]>();
  for (const finding of list) getOrMake(groups, keyOf(finding, by, graph), () => []).push(finding);
  return [...groups]
    .map(([key, of]) => ({ key, findings: of.length, worst: of[0]?.severity, counts: countsOf(of) }))
    .sort((a, b) => severityAt(a.worst) - severityAt(b.worst) || b.findings - a.findings || textOrder(a.key, b.key));
}

function severityAt(severity: Finding['severity'] | undefined): number {
  return findingSeverities.findIndex((each) => each === severity);
}

function keyOf(finding: Finding, by: FindingGrouping, graph: GraphReader): string {
  if (by === 'application') return graph.get(finding.resource)?.application?.name ?? '';
  return finding[by] ?? '';
}

/** One finding per line, then a line with their number: a reader without it did not get everything. */
function sendLines(reply: FastifyReply, list: readonly Finding[], head: object): FastifyReply {
  const lines = [...list, head].map((each) => `${JSON.stringify(each)}\n`);
  return reply.type('application/x-ndjson; charset=utf-8').send(lines.join(''));
}
