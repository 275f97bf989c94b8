// How the numbers of a resource are told: by family with their unit, the last one, and those before it; what it asks for beside
// them.
import type { Steps } from '../../src/steps.ts';
import { containerFamilies, type Family, nodeFamilies } from '../../src/telemetry-api.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { type Amounts, resourcesAsked } from '../series/resources-asked.ts';
import type { SeriesReader } from '../series/series.ts';
import { summed } from '../series/summed.ts';
import { holding, measuredBelow } from '../topology/measured-below.ts';

/** A graph, the numbers measured of it, and between which minutes or steps they are told. */
export interface Telling {
  readonly graph: GraphReader;
  readonly series: Pick<SeriesReader, 'of' | 'values' | 'facts'> | undefined;
  readonly from: number;
  readonly to: number;
}

export function* tellAll(telling: Telling, vertices: readonly Vertex[]): Steps<{ [id: string]: Numbered }> {
  const resources: { [id: string]: Numbered } = {};
  for (const vertex of vertices) {
    resources[vertex.id] = yield* tell(telling, vertex);
  }
  return resources;
}

export interface Numbered {
  readonly families: { readonly [name: string]: unknown };
  readonly [name: string]: unknown;
}

/** For a resource without numbers of its own: the sum over its containers. */
export function* tell({ graph, series, from, to }: Telling, vertex: Vertex): Steps<Numbered> {
  const parts = holding(vertex) ? [vertex] : (yield* measuredBelow(vertex)).filter(({ type }) => type === 'Container');
  const table: { readonly [name: string]: Family } = vertex.type === 'Node' ? nodeFamilies : containerFamilies;
  const families: { [name: string]: unknown } = {};
  for (const [name, { unit, ofPod }] of Object.entries(table)) {
    const known = series ? parts.filter(({ id }) => series.of(id).includes(name)) : [];
    if (!series || known.length === 0) continue;
    const counted = ofPod ? oneOfEachPod(known) : known;
    // The last number may be two minutes old: it is read once a minute, at any second.
    const values = summed(counted.map(({ id }) => series.values(id, name, from - 2, to)));
    const last = values.findLast((value) => !Number.isNaN(value));
    const shown = values.slice(2).map((value) => (Number.isNaN(value) ? null : value));
    families[name] = { unit, last: last ?? null, values: shown, ...(parts.length > 1 ? { of: known.length } : {}) };
  }
  const asked = parts.filter(({ type }) => type === 'Container').map((part) => askedOf(graph, part));
  const oomKills = parts.reduce((sum, { id }) => sum + (series?.facts(id)?.oomKills ?? 0), 0);
  const by = new Set(parts.flatMap(({ id }) => series?.facts(id)?.by ?? []));
  return {
    ...(parts.length > 1 || !holding(vertex) ? { containers: parts.length } : {}),
    ...(by.size > 0 ? { by: [...by].toSorted() } : {}),
    families,
    requests: sumOf(asked.map(({ requests }) => requests)),
    limits: sumOf(asked.map(({ limits }) => limits)),
    ...(oomKills > 0 ? { oomKills } : {}),
  };
}

/** Containers of a Pod share its network, and each has all of its traffic. */
function oneOfEachPod(containers: readonly Vertex[]): Vertex[] {
  const podOfContainer = ({ id }: Vertex) => id.slice(0, id.lastIndexOf('/'));
  return [...new Map(containers.map((each) => [podOfContainer(each), each])).values()];
}

function askedOf(graph: GraphReader, vertex: Vertex) {
  return resourcesAsked((JSON.parse(graph.propertiesOf(vertex)) as { readonly spec?: unknown }).spec);
}

/** Only if all have it: a partial sum would look complete. */
function sumOf(amounts: readonly Amounts[]): Amounts {
  const of = (name: keyof Amounts) => {
    const all = amounts.flatMap((each) => each[name] ?? []);
    return all.length === 0 || all.length < amounts.length ? {} : { [name]: all.reduce((sum, each) => sum + each, 0) };
  };
  return { ...of('cpu'), ...of('memory') };
}
