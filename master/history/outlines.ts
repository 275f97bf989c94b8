// What groups of a moment rest on where its graph is not put together: of each resource what a grouping looks at, and of the
// relations only those that lead to the Pod, the container or the image that decides.
import { every, type Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { ResourceTest } from '../graph/questions/query.ts';
import { isMeant, type Member, type PastTexts } from './past-texts.ts';
import type { EdgePart } from './segment-texts.ts';

/** A resource as far as groups look at it. */
export interface Outline {
  readonly o: number;
  /** With no more than a grouping asks of it. */
  readonly vertex: Vertex;
  readonly timestamp: string;
  readonly isMissing: boolean;
  /** It is one of those that are counted. */
  readonly isMeant: boolean;
}

/** Relations by which one resource shares what another says, as `relation` of the routes. */
const deciding = 'contains,createdFrom';
const nodeName = 'spec.nodeName';
const none = {};

export interface OutlineOptions {
  readonly test?: ResourceTest | undefined;
  /** Whether labels decide. */
  readonly labels: boolean;
  /** Does steps in turns with everything else. */
  readonly run: <T>(steps: Steps<T>) => Promise<T>;
}

/** In the order of ids. */
export async function outlinesOf(texts: PastTexts, { test, labels, run }: OutlineOptions): Promise<readonly Outline[]> {
  const all: Outline[] = [];
  const byNumber: Outline[] = [];
  const meant = isMeant(test);
  for await (const members of texts.members({}))
    for (const member of members) {
      const outline = outlineOf(member, labels, meant(member));
      all.push(outline);
      byNumber[member.o] = outline;
    }
  for await (const part of texts.edges(deciding)) await run(linked(part, byNumber));
  return all;
}

function outlineOf(member: Member, withLabels: boolean, isCounted: boolean): Outline {
  const { o, id, type, namespace, name, label, alternateLabel, health, application, timestamp, standing } = member;
  const node = member.fields[nodeName];
  const vertex = {
    ...{ id, type, namespace, name, label, alternateLabel, health, application },
    fields: node === undefined ? none : { [nodeName]: node },
    labels: withLabels || type === 'Node' ? member.labels : undefined,
    out: [],
    in: [],
  };
  return { o, vertex: vertex as unknown as Vertex, timestamp, isMissing: standing === 'missing', isMeant: isCounted };
}

/** Lists of a vertex that is made here. */
interface Lists {
  readonly out: { readonly edges: Edge[] }[];
  readonly in: Edge[];
}

function* linked({ edges, words }: EdgePart, byNumber: readonly Outline[]): Steps<void> {
  const types = new Map(words);
  const pause = every(256);
  for (let i = 0; i < edges.length; i += 4) {
    const [source, target] = [byNumber[edges[i] ?? -1]?.vertex, byNumber[edges[i + 1] ?? -1]?.vertex];
    if (pause()) yield;
    if (!source || !target) continue;
    const edge = { type: types.get(edges[i + 2] ?? -1) ?? '', source, target } as Edge;
    const from = source as unknown as Lists;
    const [block] = from.out;
    if (block) block.edges.push(edge);
    else from.out.push({ edges: [edge] });
    (target as unknown as Lists).in.push(edge);
  }
}
