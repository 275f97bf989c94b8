// The input log as lines of JSON, in order. A `put` or `renew` line is followed by a line with the properties, byte for byte as
// served. A `commit` line ends a transaction, a `slice` line a part of a keyframe.
import { isUtf8 } from 'node:buffer';
import { fault } from '../../../src/errors.ts';
import type { SourceState } from '../../../src/model.ts';
import type { Reference } from '../../relations/relation.ts';
import type { Item, Renewal, SourcedReference, Stamps } from '../contract.ts';
import type { StateSaid } from '../engine/states.ts';
import type { AnnotationValue } from '../model/annotation.ts';
import { bad, checkItem, checkReference, idOf, listOf, objectOf, textOf } from './log-shapes.ts';
import type { KindSaid, LimitSaid, Origin, RuleSaid } from './origin.ts';
import type { Told } from './tee.ts';

/** End of a complete keyframe: the copy now has its revision. */
export interface Synced {
  readonly revision: number;
  readonly timestamp: string;
  readonly states: readonly StateSaid[];
  readonly outOfStepSince?: string | undefined;
}

export interface CommitSaid {
  readonly revision: number;
  readonly timestamp: string;
}

export type LogLine =
  | { readonly what: 'told'; readonly told: Told; readonly stamp?: string | undefined }
  | { readonly what: 'renew'; readonly renewal: Renewal }
  | { readonly what: 'stamps'; readonly stamps: Stamps }
  | { readonly what: 'kind'; readonly kind: KindSaid }
  | { readonly what: 'rules'; readonly rules: readonly RuleSaid[] }
  | { readonly what: 'limit'; readonly limit: LimitSaid }
  | { readonly what: 'begin'; readonly origin: Origin }
  | { readonly what: 'slice'; readonly timestamp: string }
  | { readonly what: 'commit'; readonly commit: CommitSaid }
  | { readonly what: 'synced'; readonly synced: Synced };

/** One or two lines, with line feeds. */
export function writeLine(line: LogLine): string {
  switch (line.what) {
    case 'told':
      return writeTold(line.told, line.stamp);
    case 'renew':
      return writeRenewal(line.renewal);
    case 'begin':
      return write({ begin: line.origin });
    case 'slice':
      return write({ slice: line.timestamp });
    default:
      return write({ [line.what]: line[line.what as keyof typeof line] });
  }
}

function write(line: object): string {
  return `${JSON.stringify(line)}\n`;
}

function writeTold(told: Told, stamp?: string): string {
  switch (told.what) {
    case 'put':
      return writePut(told.item, stamp);
    case 'remove':
      return write({ remove: told.place });
    case 'annotate':
      return write({ annotate: { id: told.id, name: told.name, value: told.value } });
    case 'key':
      return write({ key: { index: told.index, key: told.key, id: told.id } });
    case 'source':
      return write({ source: { family: told.family, name: told.name, state: told.state } });
  }
}

/** The most frequent line: half of a `put`, and the costly half, is neither written nor read. Properties without a line feed. */
function writeRenewal({ id, resourceVersion, properties }: Renewal): string {
  return `{"renew":${JSON.stringify({ id, resourceVersion })}}\n${properties}\n`;
}

/** Its text is put together of few objects' texts: copies of them would cost more than the writing. */
function writePut({ properties, references, ...said }: Item, stamp?: string): string {
  const text = String(properties);
  // Our own texts contain no line feed; one from elsewhere would break the format.
  const whole = text.includes('\n') ? { properties: text } : {};
  const head = JSON.stringify(stamp === undefined ? { ...said, ...whole } : { ...said, stamp, ...whole });
  const line = `{"put":${head.slice(0, -1)},"references":[${references.map(flat).join()}]}}\n`;
  return 'properties' in whole ? line : `${line}${text}\n`;
}

/** A reference always has a field. */
function flat({ rule, reference }: SourcedReference): string {
  return `{"rule":${JSON.stringify(rule.name)},${JSON.stringify(reference).slice(1)}`;
}

type Shape = ReturnType<typeof objectOf>;

/** Rules by name. */
export type RulesByName = ReadonlyMap<string, SourcedReference['rule']>;

/** Parses line by line; a `put` or `renew` is complete with its second line. */
export class LineReader {
  #begun: ((properties: Buffer) => LogLine) | undefined;

  /**
   * Undefined if the next line completes it, or for entries of a later version. Properties stay bytes, as they are only compared
   * and copied: they are part of `bytes`.
   * @throws Fault `bad_log` if the line is invalid.
   */
  read(bytes: Buffer, rules: RulesByName): LogLine | undefined {
    const begun = this.#begun;
    if (begun) {
      this.#begun = undefined;
      return begun(bytes);
    }
    const line = objectOf(JSON.parse(bytes.toString()), 'line');
    const what = Object.keys(line)[0] ?? '';
    if (what === 'put') return this.#put(putOf(objectOf(line['put'], 'put'), rules));
    if (what === 'renew') return this.#renew(objectOf(line['renew'], 'renew'));
    return isWord(what) ? readers[what](line[what]) : undefined;
  }

  #put({ item, whole, stamp }: ReturnType<typeof putOf>): LogLine | undefined {
    if (whole) return { what: 'told', told: { what: 'put', item }, stamp };
    this.#begun = (properties) => {
      checkProperties(properties, item.id);
      return { what: 'told', told: { what: 'put', item: { ...item, properties } }, stamp };
    };
    return undefined;
  }

  #renew(said: Shape): undefined {
    const id = idOf(said['id'], 'renew.id');
    const version = said['resourceVersion'];
    const resourceVersion = typeof version === 'string' ? version : undefined;
    this.#begun = (properties) => {
      checkProperties(properties, id);
      return { what: 'renew', renewal: { id, resourceVersion, properties } };
    };
  }
}

function putOf(put: Shape, rules: RulesByName) {
  const { references, stamp, properties, ...said } = put;
  checkItem(said);
  const whole = typeof properties === 'string';
  const item = {
    ...said,
    ...placeOf(put, 'put'),
    name: textOf(put['name'], 'put.name'),
    label: textOf(put['label'], 'put.label'),
    references: listOf(references, 'put.references').map((one) => sourced(objectOf(one, 'reference'), rules)),
    properties: whole ? properties : '{}',
  } as Item;
  if (whole) checkProperties(Buffer.from(properties), item.id);
  return { item, whole, stamp: stamp === undefined ? undefined : momentOf(stamp, 'put.stamp') };
}

/** Answers contain this text as it is: of another form, it could say in them what it likes. */
function checkProperties(bytes: Buffer, id: string): void {
  if (!isUtf8(bytes)) throw bad(`the properties of ${id} are not UTF-8`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw fault('bad_log', { reason: `the properties of ${id} are not JSON` }, error);
  }
  objectOf(value, `properties of ${id}`);
}

function sourced({ rule: name, ...reference }: Shape, rules: RulesByName): SourcedReference {
  const rule = rules.get(textOf(name, 'reference.rule'));
  if (!rule) throw bad(`the rule ${String(name)} was not told`);
  textOf(reference['field'], 'reference.field');
  checkReference(reference);
  return { rule, reference: reference as unknown as Reference };
}

function placeOf(said: Shape, of: string) {
  const { id, type, namespace } = said;
  const place = {
    id: idOf(id, `${of}.id`),
    type: textOf(type, `${of}.type`),
    namespace: textOf(namespace, `${of}.namespace`),
  };
  if (!place.id.startsWith(`${place.type}:`)) throw bad(`${of}.id is not that of a ${place.type}`);
  return place;
}

const told = (one: Told): LogLine => ({ what: 'told', told: one });

const readers = {
  remove: (value: unknown) => told({ what: 'remove', place: placeOf(objectOf(value, 'remove'), 'remove') }),
  annotate(value: unknown) {
    const { id, name, value: data } = objectOf(value, 'annotate');
    return told({
      what: 'annotate',
      id: idOf(id, 'annotate.id'),
      name: textOf(name, 'annotate.name'),
      value: data as AnnotationValue | undefined,
    });
  },
  key(value: unknown) {
    const { index, key, id } = objectOf(value, 'key');
    const resource = id === undefined ? undefined : idOf(id, 'key.id');
    return told({ what: 'key', index: textOf(index, 'key.index'), key: textOf(key, 'key.key'), id: resource });
  },
  source(value: unknown) {
    const { family, name, state } = objectOf(value, 'source');
    return told({
      what: 'source',
      family: textOf(family, 'source.family'),
      name: textOf(name, 'source.name'),
      state: state === undefined ? undefined : stateOf(state),
    });
  },
  stamps(value: unknown): LogLine {
    const said = objectOf(value, 'stamps');
    idOf(said['id'], 'stamps.id');
    const { resource = [], relations = [] } = said;
    for (const each of [resource, relations].flat()) momentOf(each, 'stamps');
    return { what: 'stamps', stamps: said as unknown as Stamps };
  },
  kind(value: unknown): LogLine {
    const said = objectOf(value, 'kind');
    for (const name of ['kind', 'group', 'plural']) textOf(said[name], `kind.${name}`);
    return { what: 'kind', kind: said as unknown as KindSaid };
  },
  rules: (value: unknown): LogLine => ({ what: 'rules', rules: rulesOf(value) }),
  limit: (value: unknown): LogLine => ({ what: 'limit', limit: objectOf(value, 'limit') as unknown as LimitSaid }),
  begin(value: unknown): LogLine {
    const said = objectOf(value, 'begin');
    textOf(said['clusterName'], 'begin.clusterName');
    textOf(said['createdBy'], 'begin.createdBy');
    rulesOf(said['rules']);
    listOf(said['kinds'], 'begin.kinds');
    listOf(said['virtualTypes'], 'begin.virtualTypes');
    objectOf(said['limit'], 'begin.limit');
    return { what: 'begin', origin: said as unknown as Origin };
  },
  slice: (value: unknown): LogLine => ({ what: 'slice', timestamp: momentOf(value, 'slice') }),
  commit(value: unknown): LogLine {
    const { revision, timestamp } = objectOf(value, 'commit');
    return { what: 'commit', commit: { revision: numberOf(revision), timestamp: momentOf(timestamp, 'commit') } };
  },
  synced(value: unknown): LogLine {
    const { revision, timestamp, states, outOfStepSince } = objectOf(value, 'synced');
    const since = outOfStepSince === undefined ? undefined : momentOf(outOfStepSince, 'synced');
    const all = listOf(states, 'synced.states').map((one) => {
      const { family, name, state } = objectOf(one, 'state');
      return { family: textOf(family, 'family'), name: textOf(name, 'name'), state: stateOf(state) };
    });
    const at = { revision: numberOf(revision), timestamp: momentOf(timestamp, 'synced') };
    return { what: 'synced', synced: { ...at, states: all, outOfStepSince: since } };
  },
} as const satisfies { readonly [what: string]: (value: unknown) => LogLine };

function isWord(what: string): what is keyof typeof readers {
  return Object.hasOwn(readers, what);
}

function rulesOf(value: unknown): readonly RuleSaid[] {
  const all = listOf(value, 'rules');
  for (const one of all) {
    const { name, relation } = objectOf(one, 'rule');
    textOf(name, 'rule.name');
    textOf(relation, 'rule.relation');
  }
  return all as readonly RuleSaid[];
}

function stateOf(value: unknown): SourceState {
  const state = objectOf(value, 'state');
  textOf(state['state'], 'state.state');
  return state as unknown as SourceState;
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw bad('a revision is not a whole number');
  return value;
}

let lastMoment = '';

function momentOf(value: unknown, what: string): string {
  const text = textOf(value, what);
  // Many transactions share one.
  if (text === lastMoment) return text;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) || Number.isNaN(Date.parse(text)))
    throw bad(`${what} has no moment`);
  lastMoment = text;
  return text;
}
