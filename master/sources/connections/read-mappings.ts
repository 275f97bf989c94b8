// Reads the file of sources of connections, YAML or JSON. A source that is wrong is left out, and told with its line.
import {
  duration,
  flag,
  listOf,
  mapOf,
  oneOf,
  oneOrMore,
  type PlacedFault,
  type Read,
  type Reader,
  record,
  text,
  told,
  whole,
} from '../../yaml/checked.ts';
import { type LineFault, readYaml } from '../../yaml/yaml-lines.ts';
import { builtIn } from './built-in.ts';
import { type ConnectionSource, type EndForm, type Mapping, sightings, type Word } from './mapping.ts';

export interface ReadMappings {
  readonly sources: readonly ConnectionSource[];
  readonly faults: readonly LineFault[];
}

const label = text(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'the name of a label');
const path = text();
const second = 1000;

/** One selector: a metric's name is demanded, and nothing is called. */
const match = text(
  /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{\s*(?:[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"\s*,?\s*)*\})?$/,
  'a metric with matchers or without, such as flow_bytes_total{direction="request"}',
  1024,
);

const constant = record({ is: text() }, ['is']);
const word: Reader<Word> = (value, place, tell) =>
  typeof value === 'string'
    ? label(value, place, tell)
    : Array.isArray(value)
      ? listOf(label, { most: 8 })(value, place, tell)
      : constant(value, place, tell);

const parts = {
  workload: record({ kind: word, namespace: word, name: word }, ['namespace', 'name']),
  pod: record({ namespace: word, name: word }, ['namespace', 'name']),
  container: record({ namespace: word, pod: word, name: word }, ['namespace', 'pod', 'name']),
  service: record({ namespace: word, name: word }, ['namespace', 'name']),
  node: record({ name: word }, ['name']),
  address: word,
  pattern: record({ label, as: text(/\{[a-z_]+\}/, 'a text with {words}'), kind: text() }, ['label', 'as']),
};

const end: Reader<EndForm> = (value, place, tell) => {
  const form = record(parts)(value, place, tell);
  if (form === undefined) return undefined;
  if (Object.keys(form).length === 1) return form as EndForm;
  return told(tell, place, `must be one of ${Object.keys(parts).join(', ')}`);
};
const ends = listOf(end, { most: 8 });

const selected = record({ match, seen: oneOf(sightings), failed: flag }, ['match']);
const matching: Reader<Read<typeof selected>> = (value, place, tell) => {
  if (typeof value !== 'string') return selected(value, place, tell);
  const read = match(value, place, tell);
  return read === undefined ? undefined : { match: read };
};

const url: Reader<URL> = (value, place, tell) => {
  const read = typeof value === 'string' ? URL.parse(value) : null;
  if (read && /^https?:$/.test(read.protocol) && read.username === '' && read.search === '') return read;
  return told(tell, place, 'must be an http:// or https:// URL without credentials');
};

const source = record(
  {
    name: text(/^[a-z0-9][a-z0-9-]{0,39}$/, 'a short name of small letters, digits and dashes'),
    use: oneOf(Object.keys(builtIn)),
    read: record(
      {
        prometheus: url,
        tokenFile: path,
        username: text(),
        passwordFile: path,
        caFile: path,
        every: duration(5 * second, 3600 * second),
        timeout: duration(second, 120 * second),
      },
      ['prometheus'],
    ),
    match: oneOrMore(matching),
    seen: oneOf(sightings),
    for: duration(10 * second, 24 * 3600 * second),
    ends: record({ source: ends, target: ends, via: ends, port: listOf(label, { most: 8 }) }),
    ignore: mapOf(
      listOf((value, place, tell) => (value === '' ? '' : text()(value, place, tell))),
      /^[a-zA-Z_]\w*$/,
      'as a label is',
    ),
    foldService: flag,
    rank: whole(1, 99),
    bounds: record({ series: whole(1, 100_000), relations: whole(1, 100_000) }),
  },
  ['name', 'read'],
);

export function readMappings(file: string, said: string): ReadMappings {
  const { value, faults, faultOf } = readYaml(file, said);
  if (faults.length > 0) return { sources: [], faults };
  const all: LineFault[] = [];
  const tell = (fault: PlacedFault) => void all.push(faultOf(fault));
  const given = record({ sources: listOf<unknown>((each) => each ?? null, { least: 0, most: 16 }) }, ['sources'])(
    value ?? {},
    [],
    tell,
  );
  const sources: ConnectionSource[] = [];
  for (const [at, each] of (given?.sources ?? []).entries()) {
    const read = source(each, ['sources', at], tell);
    const whole = read && sourceOf(read, (message) => told(tell, ['sources', at], message));
    if (!whole) continue;
    if (sources.some(({ name }) => name === whole.name))
      tell({ place: ['sources', at, 'name'], message: 'is there twice' });
    else sources.push(whole);
  }
  return { sources, faults: all };
}

/** Completes the file's mapping with the built-in one of that name. */
function sourceOf(read: Read<typeof source>, tell: (message: string) => undefined): ConnectionSource | undefined {
  const known: Mapping | undefined = read.use === undefined ? undefined : builtIn[read.use];
  const select = read.match?.map(({ match: each, seen, failed }) => ({
    match: each,
    seen: seen ?? read.seen ?? 'increase',
    failed,
  }));
  const mapping = {
    select: select ?? known?.select,
    source: read.ends?.source ?? known?.source,
    target: read.ends?.target ?? known?.target,
  };
  if (!mapping.select || !mapping.source || !mapping.target)
    return tell(`needs match and ends.source and ends.target, or use: one of ${Object.keys(builtIn).join(', ')}`);
  const { prometheus, every = 30_000, timeout = 10_000, tokenFile, username, passwordFile, caFile } = read.read;
  const keptFor = read.for ?? 600_000;
  if (keptFor < 2 * every) return tell('for: must be at least twice read.every');
  if ((username === undefined) !== (passwordFile === undefined))
    return tell('read: username and passwordFile must be given together');
  return {
    name: read.name,
    read: { prometheus, every, timeout, credentials: { bearerTokenFile: tokenFile, username, passwordFile, caFile } },
    mapping: {
      select: mapping.select,
      source: mapping.source,
      target: mapping.target,
      via: read.ends?.via ?? known?.via ?? [],
      port: read.ends?.port ?? known?.port ?? [],
      ignore: read.ignore ?? known?.ignore ?? {},
      foldService: read.foldService ?? known?.foldService ?? false,
      rank: read.rank ?? known?.rank ?? 50,
    },
    keptFor,
    bounds: { series: read.bounds?.series ?? 20_000, relations: read.bounds?.relations ?? 20_000 },
  };
}
