// Parameters shared by several tools, and suggestions if nothing is found.
import { type TObject, Type } from 'typebox';
import { parseId } from '../../../src/ids.ts';
import type { Steps } from '../../../src/steps.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import { present, select } from '../../graph/questions/select.ts';
import type { Wildcards } from '../../graph/questions/wildcard.ts';
import { idNamed } from '../../routes/ids-named.ts';
import { relationsNamed } from '../../routes/narrowing.ts';
import { afterPattern, budgets } from '../answer.ts';
import { unescaped } from '../shown.ts';
import type { Context, Tool } from './tool.ts';

const list = (description: string) => Type.Optional(Type.String({ description, minLength: 1, maxLength: 512 }));

export const id = Type.String({ description: 'Kind:namespace/name, or Kind:name', minLength: 3, maxLength: 2048 });
export const kind = list('Kinds, such as pod,svc; ! leaves out');
export const namespace = list('Namespaces; all if not given');
export const relation = list('Relations to follow, such as uses,mounts; ! leaves out');

/** For every tool. */
const ofAll = {
  budget: Type.Optional(
    Type.Integer({ description: 'Bytes of the answer', minimum: budgets.least, maximum: budgets.most }),
  ),
  after: Type.Optional(Type.String({ description: 'From an answer that left rows out', pattern: afterPattern })),
};

export function inputOf({ parameters }: Pick<Tool, 'parameters'>): TObject {
  return Type.Object({ ...parameters, ...ofAll }, { additionalProperties: false });
}

/** The requested resource. @throws Fault `bad_parameter`, `unknown_id`. */
export function resourceMeant(text: string, parameter: string, context: Context): Vertex {
  const asked = idNamed(text, { parameter }, context);
  const known = context.graph.get(asked)?.version ? asked : unescaped(asked);
  return present(context.graph, known);
}

/** @throws Fault `bad_parameter`. */
export function relationsMeant(text: string | undefined, context: Pick<Context, 'graph'>): Wildcards | undefined {
  return text === undefined ? undefined : relationsNamed(text, context);
}

/** Ids of a few resources with the same name elsewhere. */
export function* alike(text: string, { graph }: Context): Steps<readonly string[]> {
  const name = parseId(unescaped(text)).path.split('/').at(-1) ?? '';
  if (name === '') return [];
  const selection = yield* select(graph, { resource: { text: name.toLowerCase() } });
  const found: string[] = [];
  for (const each of selection.entries()) {
    if (each.id.split(/[/:]/).at(-1) === name) found.push(each.id);
    if (found.length === 3) break;
  }
  selection.release();
  return found;
}
