// The graph at a moment that is too large to be built: its texts, as served then, read from disk while they are sent. The
// requested objects are chosen first, one by one, and remembered as bits.
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
import { withoutMatches } from '../graph/questions/trim.ts';
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
  /** Whether the answer to the same question will never change. */
  readonly lasting: boolean;
  readonly gaps: readonly Gap[];
  readonly stream: Thread['stream'];
  readonly turns: Pick<Turns, 'run'>;
}

/** A question about texts. The thread receives it as it is; `test` combines all conditions. */
export interface TextsAsked {
  /** Like `type` and `namespace` of the routes, with full type names. */
  readonly types?: string | undefined;
  readonly namespaces?: string | undefined;
  /** Further conditions on a resource. */
  readonly test?: ResourceTest | undefined;
  /** Like `relation` of the routes. */
  readonly relation?: string | undefined;
  /** Adds all relations that touch the chosen resources, with their other ends. */
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
  /** Whether more resources match. */
  readonly more: boolean;
}

export interface TextSelection {
  /** Elements with their separators. */
  resources(trim: Trim | undefined, page?: TextPage): AsyncIterable<TextPart>;
  relations(short: boolean, page?: TextPage): AsyncIterable<TextPart>;
  /** The number of elements. */
  count(what: CountQuestion['what']): Promise<number>;
  /** Bytes held in memory. */
  readonly bytes: number;
}

/** What conditions need of a past resource. */
interface Seen extends Facets {
  readonly standing: Standing;
}

/** What counting needs besides. */
export interface Member extends Seen {
  readonly o: number;
  readonly timestamp: string;
  readonly application: Application | undefined;
  /** False for a resource that was only named and did not exist. */
  readonly isThere: boolean;
}

export interface Namespaces {
  readonly shown: ReadonlySet<string>;
  readonly there: ReadonlySet<string>;
}

const sight = { of: (seen: Seen): Facets => seen, standingOf: ({ standing }: Seen) => standing };
/** A started read is finished, or stopped by its reader. */
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

  /** Past resources without their texts, in order of ids. */
  async *members({ types, namespaces, test }: TextsAsked): AsyncGenerator<readonly Member[]> {
    const { stream, moment, turns } = this.#options;
    const isWanted = testOf(sight, test);
    const chosen = { types, namespaces };
    for await (const rows of stream('rows', { moment, chosen })) yield await turns.run(wanted(rows, isWanted), never);
  }

  /** Resources that match a text, best first. */
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

  /** The namespaces shown, and which of them existed; undefined if unknown then. */
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

  /** Relations among all resources, by object number. */
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
      // The thread notes by itself what the pointers match.
      resources: (trim, page) =>
        stream('texts', { moment, question: { what: 'resources', chosen, trim: withoutMatches(trim), page } }),
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

/** Returns a test whether a past resource was asked for. */
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
