// GET /cluster/diff: changes between two moments.
import type { Readable } from 'node:stream';
import { Fault, fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import type { Moment } from '../history/archive-reader.ts';
import type { DifferenceTexts, FoundDifference } from '../history/history.ts';
import { type DifferenceList, differenceLists, separatorOf } from '../history/segment-difference.ts';
import { diffAnswer } from './answers/past.ts';
import { historyOf, momentText } from './moment.ts';
import { type NarrowingQuery, narrowingNames, narrowingOf, narrowingParameters } from './narrowing.ts';
import { streamBehind } from './past-answer.ts';
import type { Route, RouteContext } from './route.ts';
import { answers } from './schemas.ts';

const querystring = Type.Object(
  {
    from: Type.String({
      description: 'The first moment, as `at` takes it',
      examples: ['-1h'],
      minLength: 1,
      maxLength: 64,
    }),
    to: momentText('The last moment; now if left out', 'now'),
    ...narrowingParameters,
    texts: Type.Optional(
      Type.Enum(['true', 'false', '1', '0'], {
        description: '`false` tells of resources by id and type alone',
        examples: ['false'],
      }),
    ),
  },
  { additionalProperties: false },
);

export const diff = {
  name: 'diff',
  register(app, context) {
    const schema = {
      summary: 'What changed between two moments, in the form of a change of /cluster/watch',
      tags: ['history'],
      querystring,
      ...answers(diffAnswer),
    };
    app.get('/cluster/diff', { schema }, async (request, reply) => {
      const { texts = 'true', to = 'now', from, ...narrow } = request.query;
      const asked = { from, to, texts: texts === 'true' || texts === '1', narrow };
      reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
      return reply.send((await small(asked, context)) ?? (await large(asked, context)));
    });
  },
} as const satisfies Route;

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly texts: boolean;
  readonly narrow: NarrowingQuery;
}

/** Undefined where it is too large to be put together, and can be told as it is read. */
async function small({ narrow, ...asked }: Asked, context: RouteContext): Promise<string | undefined> {
  try {
    return textOf(await historyOf(context).difference({ ...asked, narrowing: narrowingOf(narrow, context) }));
  } catch (error) {
    // Who may see a part of the graph only has to narrow it.
    if (!(error instanceof Fault) || error.code !== 'query_too_large' || context.partial) throw error;
    return undefined;
  }
}

async function large({ from, to, texts, narrow }: Asked, context: RouteContext): Promise<Readable> {
  const question = { ...narrowingNames(narrow, context), texts, exact: false };
  const found = await historyOf(context).differenceTexts({ from, to, question });
  if (!found) throw fault('query_too_large', { reason: 'more changed than can be put together', hint: 'narrow it' });
  const told = portionsOf(found);
  // A failure must occur before the status is sent.
  const first = await told.next();
  return streamBehind(first, told);
}

/** How the text goes on in front of each list. */
const fronts = {
  'resources added': ',\n"resources":{"added":[',
  'resources changed': '],"changed":[',
  'resources removed': '],"removed":[',
  'relations added': ']},\n"relations":{"added":[',
  'relations changed': '],"changed":[',
  'relations removed': '],"removed":[',
  changes: ']},\n"changes":{',
} as const satisfies { readonly [list in DifferenceList]: string };

async function* portionsOf({ from, to, gaps, parts }: DifferenceTexts): AsyncGenerator<Uint8Array, void> {
  let text = headOf(from, to);
  let place = -1;
  let isFirst = true;
  for await (const { list, bytes } of parts) {
    while (place < differenceLists.indexOf(list)) {
      text += fronts[differenceLists[++place] ?? list];
      isFirst = true;
    }
    if (bytes.length === 0) continue;
    const separator = separatorOf(list);
    const front = isFirst ? text : text + separator;
    yield Buffer.concat([Buffer.from(front), bytes.subarray(0, -separator.length)]);
    text = '';
    isFirst = false;
  }
  yield Buffer.from(`${text}},\n"gaps":${JSON.stringify(gaps)}}\n`);
}

function headOf(from: Moment, to: Moment): string {
  const head = { success: true, timestamp: to.timestamp, revision: to.revision, from: shown(from), to: shown(to) };
  return JSON.stringify(head).slice(0, -1);
}

/** Inserts resources and relations as existing texts. */
function textOf({ from, to, resources, relations, changes, gaps }: FoundDifference): string {
  const lists = ({ added, changed }: FoundDifference['resources' | 'relations']) =>
    `"added":[${added.join(',\n')}],"changed":[${changed.join(',\n')}]`;
  return [
    headOf(from, to),
    `,\n"resources":{${lists(resources)},"removed":${JSON.stringify(resources.removed)}}`,
    `,\n"relations":{${lists(relations)},"removed":${JSON.stringify(relations.removed)}}`,
    `,\n"changes":${JSON.stringify(Object.fromEntries(changes))}`,
    `,\n"gaps":${JSON.stringify(gaps)}}\n`,
  ].join('');
}

function shown({ epoch, revision, timestamp }: Moment) {
  return { epoch, revision, timestamp };
}
