// GET /cluster/impact: what depends on a resource and fails or disappears with it.
import { Type } from '../../src/schema.ts';
import { already, every } from '../../src/steps.ts';
import type { Block } from '../graph/engine/edges.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import { separator } from '../graph/engine/json.ts';
import { type Piece, pieceOf, textIn } from '../graph/model/bytes.ts';
import { present } from '../graph/questions/select.ts';
import { shortened } from '../graph/questions/short-relations.ts';
import { type Impact, impactOf } from '../topology/impact.ts';
import { impactAnswer } from './answers/graph.ts';
import { unchangedContent } from './content-validator.ts';
import { flag, isSet } from './flag.ts';
import { formatParameter, formOf } from './forms.ts';
import { idsNamed, namespaceOfNames } from './ids-named.ts';
import { gapsText, type Here, keep, momentParameter, presentOrWalked, walked } from './moment.ts';
import { narrowingParameters, relationsNamed } from './narrowing.ts';
import { deepest } from './query.ts';
import type { Route } from './route.ts';
import { answers, inForms } from './schemas.ts';
import { sendGraph } from './send-graph.ts';
import { isShort, relationIdsParameter, trimOf, trimParameters } from './trim.ts';
import { unchanged } from './validators.ts';

const querystring = Type.Object(
  {
    of: Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), {
      description: 'Ids of what would go, or TYPE/NAME. Several by repeating it, or separated by commas',
      examples: [['Secret:shop/redis-pass']],
      minItems: 1,
      maxItems: 100,
    }),
    namespace: namespaceOfNames,
    depth: Type.Optional(
      Type.Integer({
        description: 'Most steps; as far as it goes if left out',
        examples: [2],
        minimum: 0,
        maximum: deepest,
      }),
    ),
    relation: narrowingParameters.relation,
    parts: flag(
      'All containers and their processes too, which go with their Pods; shown anyway where `of` names one or an image. Without it only containers that a connection leads through',
    ),
    ...trimParameters,
    ...relationIdsParameter,
    ...formatParameter,
    ...momentParameter,
  },
  { additionalProperties: false },
);

const worthWriting = 1 << 16;
/** Blocks of relations between two pauses. */
const often = 16;

export const impact = {
  name: 'impact',
  register(app, context) {
    const summary = 'What depends on a resource: the direction of dependence is a property of each rule';
    const schema = {
      summary,
      tags: ['graph'],
      querystring,
      ...answers(inForms(impactAnswer, 'What depends on it, and it itself')),
    };
    app.get('/cluster/impact', { schema }, async (request, reply) => {
      const asked = request.query;
      const form = formOf(request, reply, asked);
      const trim = trimOf(asked);
      const relation = asked.relation === undefined ? undefined : relationsNamed(asked.relation, context);
      const here = await presentOrWalked(context, asked, reply);
      const { graph, epoch } = here;
      const of = await walked(reply, here, () => already(rootsOf(asked, here)));
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const { depth = Number.POSITIVE_INFINITY } = asked;
      const options = { depth, relation, parts: isSet(asked.parts) };
      const found = await walked(reply, here, () => impactOf(graph, of, options));
      const { selection } = found;
      const marked = () => withDependents(graph, found);
      const content = { ...selection, relations: marked, more: () => moreOf(found, here) };
      if (await unchangedContent(request, reply, here, content)) return reply;
      keep(reply, here.past);
      const relations = (short = false) => (short ? shortened(marked()) : marked());
      const answer = { ...selection, relations, more: moreOf(found, here) };
      return sendGraph(reply, answer, { form, trim, short: isShort(asked), ids: isSet(asked.ids), context: here });
    });
  },
} as const satisfies Route;

interface Roots {
  readonly of: readonly string[];
  readonly namespace?: string;
}

/** @throws Fault `bad_parameter`, `unknown_type`, `unknown_id`. */
function rootsOf({ of, namespace }: Roots, here: Here): readonly string[] {
  const ids = idsNamed(of, { parameter: 'of', namespace }, here);
  for (const id of ids) present(here.graph, id);
  return ids;
}

function* moreOf({ distances, degraded }: Impact, here: Here): Generator<string> {
  yield* gapsText(here);
  yield* membersText('distances', distances());
  yield* membersText('degraded', degraded());
}

function* membersText(name: string, members: Iterable<readonly [id: string, value: unknown]>): Generator<string> {
  let text = `,\n"${name}":{`;
  let comma = '';
  for (const [id, value] of members) {
    text += `${comma}${JSON.stringify(id)}:${JSON.stringify(value)}`;
    comma = ',';
    if (text.length < worthWriting) continue;
    yield text;
    text = '';
  }
  yield `${text}}`;
}

/** The end of a relation's text: of its annotations, and of itself. */
const closing = '}}';

/** Adds the affected end to each relation, in this answer only. */
function* withDependents({ edgeLists }: GraphReader, { selection, dependentOf }: Impact): Generator<Piece | undefined> {
  const pause = every(often);
  for (const { out } of selection.entries()) {
    for (const block of out) {
      const text = markedLines(block, edgeLists.pieceOf, dependentOf);
      if (text !== '') yield pieceOf(Buffer.from(text));
      if (pause()) yield;
    }
  }
}

function markedLines(
  block: Block,
  writtenOf: GraphReader['edgeLists']['pieceOf'],
  dependentOf: Impact['dependentOf'],
): string {
  const ends = block.edges.map((edge) => dependentOf(edge));
  if (ends.every((each) => each === undefined)) return '';
  const lines = textIn(writtenOf(block)).split(separator);
  return ends
    .map((dependent, i) =>
      dependent ? `${(lines[i] ?? '').slice(0, -closing.length)},"dependent":"${dependent}"${closing}${separator}` : '',
    )
    .join('');
}
