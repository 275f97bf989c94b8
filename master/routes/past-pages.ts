// Pages of a moment whose graph is too large to be built: each page is read from disk where the previous one ended. Between
// pages only the chosen resources are held, one bit each.
import { randomBytes } from 'node:crypto';
import { ShareCache } from '../../src/share-cache.ts';
import type { Trim } from '../graph/questions/query.ts';
import type { PastTexts, TextSelection, TextsAsked } from '../history/past-texts.ts';
import type { TextPart, TextPlace } from '../history/segment-texts.ts';

export interface PastPageOptions {
  readonly limit: number;
  readonly trim?: Trim | undefined;
  /** Relations without their reasons. */
  readonly short: boolean;
  /** Resources alone. */
  readonly bare: boolean;
  /** The tenant whose share of held walks counts. */
  readonly tenant: string;
}

/** Read `resources`, then `relations`, then `end`. */
export interface PastPage {
  readonly texts: PastTexts;
  resources(): AsyncIterable<TextPart>;
  relations(): AsyncIterable<TextPart>;
  /** The number of elements after the page, and the next page's cursor; undefined on the last page. */
  end(): { readonly remaining: number; readonly next: string | undefined };
}

interface Walk {
  readonly id: string;
  readonly texts: PastTexts;
  readonly question: string;
  readonly selection: TextSelection;
  readonly resources: number;
  readonly relations: number;
  timer?: NodeJS.Timeout;
}

/** The last returned element and its list. */
interface Place {
  readonly list: 'resources' | 'relations';
  readonly after: TextPlace | undefined;
}

/** Maximum bytes of all walks, minimum weight of one, and milliseconds that one is held after its last page. */
const mostBytes = 16 << 20;
const leastBytes = 256 << 10;
const patience = 300_000;

export class PastPages {
  readonly #walks = new ShareCache<Walk>(mostBytes, {
    weigh: ({ selection }) => Math.max(leastBytes, selection.bytes),
    dropped: ({ timer }) => clearTimeout(timer),
  });

  /** @throws Fault `history_damaged`. */
  async begin(texts: PastTexts, asked: TextsAsked, question: string, options: PastPageOptions): Promise<PastPage> {
    const selection = await texts.select(asked);
    const resources = await selection.count('resources');
    const relations = options.bare ? 0 : await selection.count('relations');
    const walk = { id: randomBytes(12).toString('base64url'), texts, question, selection, resources, relations };
    return this.#page(walk, { list: 'resources', after: undefined }, 0, options);
  }

  /** The texts that a cursor continues; undefined if its walk has expired. */
  textsOf(cursor: string): PastTexts | undefined {
    return this.#walks.get(partsOf(cursor).id)?.texts;
  }

  /** Undefined if its walk has expired or belongs to another question. */
  proceed(cursor: string, question: string, options: PastPageOptions): PastPage | undefined {
    const { id, position, place } = partsOf(cursor);
    const walk = this.#walks.get(id);
    if (walk?.question !== question || !place) return undefined;
    const { after } = place;
    if (after && after.o >= walk.texts.moment.size) return undefined;
    return this.#page(walk, place, position, options);
  }

  close(): void {
    this.#walks.clear();
  }

  #page(walk: Walk, from: Place, position: number, options: PastPageOptions): PastPage {
    const { selection, texts, resources, relations } = walk;
    const { limit, trim, short, bare } = options;
    let count = 0;
    let place = from;
    const told = async function* (list: Place['list'], parts: AsyncIterable<TextPart>) {
      for await (const part of parts) {
        count += part.count;
        if (part.count > 0) place = { list, after: part.place };
        yield part;
      }
    };
    const page = (list: Place['list']) => ({
      limit: limit - count,
      after: from.list === list ? from.after : undefined,
    });
    const none = (async function* (): AsyncGenerator<TextPart> {})();
    return {
      texts,
      resources: () =>
        from.list === 'resources' ? told('resources', selection.resources(trim, page('resources'))) : none,
      relations: async function* () {
        // Called when the number of resources is known.
        if (!bare && count < limit) yield* told('relations', selection.relations(short, page('relations')));
      },
      end: () => {
        const done = position + count;
        const remaining = Math.max(0, resources + relations - done);
        // The cursor of an empty page would lead to the same page.
        const more = remaining > 0 && count > 0;
        if (more) this.#hold(walk, options.tenant);
        return { remaining, next: more ? cursorOf(walk.id, place, done) : undefined };
      },
    };
  }

  #hold(walk: Walk, tenant: string): void {
    clearTimeout(walk.timer);
    if (!this.#walks.get(walk.id) && !this.#walks.set(tenant, walk.id, walk)) return;
    walk.timer = setTimeout(() => this.#walks.delete(walk.id), patience).unref();
  }
}

/** In the form of all cursors. */
function cursorOf(id: string, { list, after }: Place, position: number): string {
  const { o = 0, told = 0 } = after ?? {};
  return `${id}.${position}.${list === 'resources' ? `r${o}` : `e${o}.${told}`}`;
}

function partsOf(cursor: string) {
  const [id = '', position = '0', at = '', told = '0'] = cursor.split('.');
  const list = at.startsWith('r') ? 'resources' : at.startsWith('e') ? 'relations' : undefined;
  const place: Place | undefined = list && { list, after: { o: Number(at.slice(1)), told: Number(told) } };
  return { id, position: Number(position), place };
}
