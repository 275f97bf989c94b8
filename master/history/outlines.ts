// What groups of a past moment need, without building its graph: for each resource the fields that groupings use, and only the
// relations that lead to the deciding Pod, container or image.
import { every, type Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { ResourceTest } from '../graph/questions/query.ts';
import { isMeant, type Member, type PastTexts } from './past-texts.ts';
import type { EdgePart } from './segment-texts.ts';

/** A resource with what groups need. */
export interface Outline {
  readonly o: number;
  /** With the parts that a grouping uses. */
  readonly vertex: Vertex;
  readonly timestamp: string;
  readonly isMissing: boolean;
  /** Whether it is counted. */
  readonly isMeant: boolean;
}

/** Relations over which one resource determines the group of another; as the parameter `relation` of the routes. */
const deciding = 'contains,createdFrom';
const nodeName = 'spec.nodeName';
const none = {};

export interface OutlineOptions {
  readonly test?: ResourceTest | undefined;
  /** Whether labels decide. */
  readonly labels: boolean;
  /** Runs steps in turns with other work. */
  readonly run: <T>(steps: Steps<T>) => Promise<T>;
}

/** In order of ids. */
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

/** The lists of a vertex created here. */
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
