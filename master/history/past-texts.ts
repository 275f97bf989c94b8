// The graph at a moment that is too large to be put together: its texts as they were served, read from disk while they are
// sent. What of it is asked for is chosen before, object by object, and noted as a bit each.
import type { SourceState } from '../../src/model.ts';
import type { Steps } from '../../src/steps.ts';
import { every, sortedInSteps } from '../../src/steps.ts';
import type { Application } from '../applications/application.ts';
import type { Standing } from '../graph/engine/json.ts';
import { isSure } from '../graph/engine/states.ts';
import { type NamedTypes, type Scanned, scanOrder } from '../graph/kept/search-scan.ts';
import { annotationOf } from '../graph/model/annotation.ts';
import { sharedFields } from '../graph/model/fields.ts';
import type { ResourceTest, Trim } from '../graph/questions/query.ts';
import { testOf } from '../graph/questions/select.ts';
import type { Facets } from '../graph/revisions/changes.ts';
import type { Turns } from '../turns.ts';
import type { Moment } from './archive-reader.ts';
import { type Extra, parseExtra } from './extra.ts';
import { NumberSet } from './number-set.ts';
import type { Completeness, Gap } from './records.ts';
import type { CountQuestion, EdgePart, ObjectRow, TextPage, TextPart } from './segment-texts.ts';
import type { Thread } from './threads.ts';

export interface PastTextsOptions {
  readonly moment: Moment;
  readonly completeness: Completeness;
  /** The same question will have the same answer for ever. */
  readonly lasting: boolean;
  readonly gaps: readonly Gap[];
  readonly stream: Thread['stream'];
  readonly turns: Pick<Turns, 'run'>;
}

/** Texts cross to the thread as they were asked for; `test` is made of all of it. */
export interface TextsAsked {
  /** As `type` and `namespace` of the routes, types by their names. */
  readonly types?: string | undefined;
  readonly namespaces?: string | undefined;
  /** What else a resource must be. */
  readonly test?: ResourceTest | undefined;
  /** As `relation` of the routes. */
  readonly relation?: string | undefined;
  /** Keeps, besides, every relation that touches what is kept, with its other end. */
  readonly neighbours?: boolean | undefined;
}

export interface PastSearch extends Omit<TextsAsked, 'relation' | 'neighbours'> {
  readonly text: string;
  readonly named: NamedTypes;
  readonly limit: number;
}

export interface PastMatch {
  readonly member: Member;
  readonly match: Scanned;
}

export interface FoundMatches {
  readonly best: readonly PastMatch[];
  /** There are others that match. */
  readonly more: boolean;
}

export interface TextSelection {
  /** Elements with their separators. */
  resources(trim: Trim | undefined, page?: TextPage): AsyncIterable<TextPart>;
  relations(short: boolean, page?: TextPage): AsyncIterable<TextPart>;
  /** How many there are. */
  count(what: CountQuestion['what']): Promise<number>;
  /** Bytes that it holds. */
  readonly bytes: number;
}

/** A resource of the past, as far as it is tested. */
interface Seen extends Facets {
  readonly standing: Standing;
}

/** And counted. */
export interface Member extends Seen {
  readonly o: number;
  readonly timestamp: string;
  readonly application: Application | undefined;
  /** False of what was named and did not exist. */
  readonly isThere: boolean;
}

export interface Namespaces {
  readonly shown: ReadonlySet<string>;
  readonly there: ReadonlySet<string>;
}

const sight = { of: (seen: Seen): Facets => seen, standingOf: ({ standing }: Seen) => standing };
/** What was begun is read to its end or given up by its reader. */
const never = new AbortController().signal;

export class PastTexts {
  readonly #options: PastTextsOptions;

  constructor(options: PastTextsOptions) {
    this.#options = options;
  }

  get moment(): Moment {
    return this.#options.moment;
  }

  get completeness(): Completeness {
    return this.#options.completeness;
  }

  get lasting(): boolean {
    return this.#options.lasting;
  }

  get gaps(): readonly Gap[] {
    return this.#options.gaps;
  }

  /** Resources as they were, without their texts, in the order of ids. */
  async *members({ types, namespaces, test }: TextsAsked): AsyncGenerator<readonly Member[]> {
    const { stream, moment, turns } = this.#options;
    const isWanted = testOf(sight, test);
    const chosen = { types, namespaces };
    for await (const rows of stream('rows', { moment, chosen })) yield await turns.run(wanted(rows, isWanted), never);
  }

  /** What matches a text, the best first. */
  async search({ text, named, limit, ...asked }: PastSearch): Promise<FoundMatches> {
    const { stream, moment, turns } = this.#options;
    const { types, namespaces, test } = asked;
    const isWanted = testOf(sight, test);
    const question = { text, named, chosen: { types, namespaces } };
    let best: PastMatch[] = [];
    let found = 0;
    for await (const rows of stream('matches', { moment, question })) {
      const members = rows.map(({ row, match }) => ({ member: memberOf(row, parseExtra(row.extra)), match }));
      const kept = members.filter(({ member }) => isWanted(member));
      found += kept.length;
      best = await turns.run(bestOf([...best, ...kept], limit), never);
    }
    return { best, more: found > limit };
  }

  /** Namespaces that were shown, and those of them that existed; undefined where that was not known. */
  async namespaces(): Promise<Namespaces | undefined> {
    const { kinds } = JSON.parse(this.completeness.full) as {
      readonly kinds?: { readonly [type: string]: SourceState };
    };
    if (!isSure(kinds?.['Namespace']?.state)) return undefined;
    const [shown, there] = [new Set<string>(), new Set<string>()];
    for await (const members of this.members({ types: 'Namespace' }))
      for (const { name, isThere } of members) {
        shown.add(name);
        if (isThere) there.add(name);
      }
    return { shown, there };
  }

  /** Relations among all resources, by their numbers. */
  edges(relation: string | undefined): AsyncIterable<EdgePart> {
    const { stream, moment } = this.#options;
    return stream('edges', { moment, relation });
  }

  /** @throws Fault `history_damaged`. */
  async select({ types, namespaces, test, relation, neighbours = false }: TextsAsked): Promise<TextSelection> {
    const named = { types, namespaces };
    const isTested =
      test !== undefined && Object.entries(test).some(([name, of]) => of !== undefined && !isNamed(name));
    const isPart = isTested || types !== undefined || namespaces !== undefined;
    if (!isTested && !(neighbours && isPart)) return this.#told(named, relation, undefined);
    const core = await this.#tested(named, test);
    if (!neighbours) return this.#told({ objects: core.bits }, relation, undefined);
    const all = await this.#around(core, relation);
    return this.#told({ objects: all.bits }, relation, core.bits);
  }

  #told(
    chosen: {
      readonly types?: string | undefined;
      readonly namespaces?: string | undefined;
      readonly objects?: Uint8Array;
    },
    relation: string | undefined,
    core: Uint8Array | undefined,
  ): TextSelection {
    const { stream, moment } = this.#options;
    return {
      resources: (trim, page) => stream('texts', { moment, question: { what: 'resources', chosen, trim, page } }),
      relations: (short, page) =>
        stream('texts', { moment, question: { what: 'relations', chosen, core, relation, short, page } }),
      async count(what) {
        let sum = 0;
        for await (const some of stream('counts', { moment, question: { what, chosen, core, relation } })) sum += some;
        return sum;
      },
      bytes: (chosen.objects?.length ?? 0) + (core?.length ?? 0),
    };
  }

  async #tested(asked: Pick<TextsAsked, 'types' | 'namespaces'>, test: ResourceTest | undefined): Promise<NumberSet> {
    const found = new NumberSet();
    for await (const members of this.members({ ...asked, test })) for (const { o } of members) found.add(o);
    return found;
  }

  async #around(core: NumberSet, relation: string | undefined): Promise<NumberSet> {
    const { stream, moment } = this.#options;
    const found = new NumberSet();
    for (const o of core.numbers()) found.add(o);
    for await (const numbers of stream('around', { moment, core: core.bits, relation }))
      for (const o of numbers) found.add(o);
    return found;
  }
}

function isNamed(name: string): boolean {
  return name === 'type' || name === 'namespace';
}

/** Whether a resource of the past is one of those that are asked for. */
export function isMeant(test: ResourceTest | undefined): (member: Member) => boolean {
  return testOf(sight, test);
}

function* bestOf(matches: readonly PastMatch[], most: number): Steps<PastMatch[]> {
  const sorted = yield* sortedInSteps(matches, (a, b) => scanOrder(a.match, b.match));
  return sorted.slice(0, most);
}

function* wanted(rows: readonly ObjectRow[], isWanted: (seen: Seen) => boolean): Steps<readonly Member[]> {
  const pause = every(64);
  const found: Member[] = [];
  for (const row of rows) {
    const member = memberOf(row, parseExtra(row.extra));
    if (isWanted(member)) found.push(member);
    if (pause()) yield;
  }
  return found;
}

function memberOf({ o, timestamp, id, type, namespace }: ObjectRow, extra: Extra): Member {
  const { name, label, alternateLabel = '', labels, fields, annotations, health, standing = '', application } = extra;
  const noted = annotations && new Map(annotations.map(([key, value]) => [key, annotationOf(value)]));
  const known = { labels, fields: sharedFields(fields), annotations: noted, health, application };
  return { o, timestamp, id, type, namespace, name, label, alternateLabel, ...known, standing, isThere: extra.there };
}
