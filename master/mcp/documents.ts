// Readable documents: the rules, the completeness, and a resource by id.
import { fault } from '../../src/errors.ts';
import type { Steps } from '../../src/steps.ts';
import { separator } from '../graph/engine/json.ts';
import { textIn } from '../graph/model/bytes.ts';
import { select } from '../graph/questions/select.ts';
import { rulesSaid } from '../routes/rules-said.ts';
import { factsOf } from './facts.ts';
import { resourceMeant } from './tools/parameters.ts';
import type { Context } from './tools/tool.ts';

export const scheme = 'insight://';
/** Bytes. */
const mostBytes = 64 << 10;

export interface Document {
  readonly name: string;
  readonly uri: string;
  readonly description: string;
  /** JSON text. */
  read(context: Context): string;
}

export const documents: readonly Document[] = [
  {
    name: 'rules',
    uri: `${scheme}rules`,
    description: 'What makes each relation: which field of which kind, and which end suffers when the other goes',
    read: ({ graph }) => JSON.stringify({ revision: graph.revision, rules: rulesSaid(graph) }),
  },
  {
    name: 'completeness',
    uri: `${scheme}completeness`,
    description: 'What was read, what was not, and since when',
    read: ({ graph }) =>
      `{"revision":${graph.revision},"at":"${graph.timestamp}","completeness":${graph.completeness('full')}}`,
  },
];

/**
 * The resource as in `/cluster/resources`; without properties if too large.
 * @throws Fault `bad_parameter`, `unknown_id`.
 */
export function* resourceText(id: string, context: Context): Steps<string> {
  const vertex = resourceMeant(id, 'id', context);
  const selection = yield* select(context.graph, { walk: { roots: [vertex.id], direction: 'both', depth: 0 } });
  try {
    const [entry] = selection.entries();
    if (entry === undefined) throw fault('unknown_id', { type: vertex.type, id: vertex.id });
    const { version } = entry;
    const size = version.length - separator.length;
    const head = `{"revision":${selection.revision},"at":"${selection.timestamp}"`;
    if (size <= mostBytes) return `${head},"resource":${textIn(version, 0, size)}}`;
    const why = `the properties have ${version.to - version.from} bytes: ask the tool get for a field of them`;
    return `${head},"leftOut":${JSON.stringify(why)},"resource":${JSON.stringify(factsOf(version))}}`;
  } finally {
    selection.release();
  }
}
