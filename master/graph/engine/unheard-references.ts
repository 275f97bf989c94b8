// References that are not followed: those above the limit of one object, those of objects that arrive while memory is short, and
// those that the largest namespaces give up then. An object's references are no longer than the object, but each relation costs
// many times the bytes that state it.
import { counted } from '../../../src/counted.ts';
import { Counts } from '../../../src/counts.ts';
import type { LabelRequirement, LabelSelector } from '../../../src/model.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { SourcedReference } from '../contract.ts';
import type { Vertex } from '../model/vertex.ts';
import type { ClaimTable } from './claim-table.ts';
import { fairShare, type RelationLimit } from './relation-limit.ts';

export interface UnheardOptions {
  readonly limit: RelationLimit;
  readonly claims: Pick<ClaimTable, 'saysNothing' | 'countSaidBy'>;
  /** What of a namespace says something, or may. */
  readonly speakersIn: (namespace: string) => Iterable<Vertex>;
  /** Has it say nothing from now on. */
  readonly silence: (vertex: Vertex) => void;
  /** Told in words; undefined when there is nothing to say any more. */
  readonly tell: (what: string, said: string | undefined) => void;
}

const nothing: readonly SourcedReference[] = [];

export class UnheardReferences {
  readonly #options: UnheardOptions;
  /** How many references of each are not followed. */
  readonly #cut = new Counts<Vertex>();
  /** Objects that arrived while memory was short. */
  readonly #unheard = new Set<Vertex>();
  /** Objects whose references were given up. */
  readonly #silenced = new Set<Vertex>();
  #toldClosed = false;
  /** References that are followed, by the namespace of who says them. */
  readonly #followed = new Map<string, number>();
  #total = 0;

  constructor(options: UnheardOptions) {
    this.#options = options;
  }

  /** How many references are followed. */
  get followed(): number {
    return this.#total;
  }

  /** Those of the references that are followed: the first, in the order of the rules. To be called before they take the place of others. */
  heard(vertex: Vertex, references: readonly SourcedReference[]): readonly SourcedReference[] {
    const { limit, claims } = this.#options;
    const most = limit.ofOneObject;
    // One that was heard may say something else: that is no more than it said, mostly.
    const closed = limit.closed === true && claims.saysNothing(vertex) && references.length > 0;
    this.#noteUnheard(vertex, closed);
    const short = references.some((each) => isOverlong(each, most))
      ? references.filter((each) => !isOverlong(each, most))
      : references;
    const heard = closed ? nothing : short.length > most ? short.slice(0, most) : short;
    this.#noteCut(vertex, closed ? 0 : references.length - heard.length);
    this.#count(vertex.namespace, heard.length - claims.countSaidBy(vertex));
    return heard;
  }

  /** To be called when the limit may have changed, and before a transaction ends. */
  settle(): void {
    this.#giveUp();
    const closed = this.#options.limit.closed === true;
    if (closed === this.#toldClosed) return;
    this.#toldClosed = closed;
    this.#options.tell('added now', closed ? 'none: the heap is nearly full' : undefined);
  }

  #count(namespace: string, by: number): void {
    if (by === 0) return;
    const now = (this.#followed.get(namespace) ?? 0) + by;
    if (now > 0) this.#followed.set(namespace, now);
    else this.#followed.delete(namespace);
    this.#total += by;
  }

  /** The largest namespaces lose first, and in them the objects that say most, each wholly. */
  #giveUp(): void {
    const most = this.#options.limit.followed ?? Number.POSITIVE_INFINITY;
    if (this.#total <= most) return;
    const share = fairShare([...this.#followed.values()], most);
    for (const [namespace, count] of [...this.#followed]) if (count > share) this.#giveUpIn(namespace, share);
  }

  #giveUpIn(namespace: string, share: number): void {
    const { claims, speakersIn, silence } = this.#options;
    const said = [...speakersIn(namespace)].map((vertex) => ({ vertex, count: claims.countSaidBy(vertex) }));
    const largestFirst = said
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || textOrder(b.vertex.id, a.vertex.id));
    for (const { vertex, count } of largestFirst) {
      if ((this.#followed.get(namespace) ?? 0) <= share) break;
      silence(vertex);
      this.#count(namespace, -count);
      this.#noteCut(vertex, 0);
      this.#silenced.add(vertex);
    }
    this.#tellSilenced();
  }

  #noteUnheard(vertex: Vertex, closed: boolean): void {
    // What was given up comes again, and there is still no room for it.
    if (closed && this.#silenced.has(vertex)) return;
    if (this.#silenced.delete(vertex)) this.#tellSilenced();
    if (closed === this.#unheard.has(vertex)) return;
    if (closed) this.#unheard.add(vertex);
    else this.#unheard.delete(vertex);
    const { size } = this.#unheard;
    this.#options.tell(
      'of new objects',
      size > 0 ? `not made: ${counted(size, 'object')} came while the heap was nearly full` : undefined,
    );
  }

  #tellSilenced(): void {
    const { size } = this.#silenced;
    this.#options.tell(
      'of the largest namespaces',
      size > 0 ? `given up: those of ${counted(size, 'object')}, as the heap was nearly full` : undefined,
    );
  }

  #noteCut(vertex: Vertex, cut: number): void {
    if (this.#cut.set(vertex, cut)) this.#options.tell('of single objects', this.#words());
  }

  #words(): string | undefined {
    const { size, sum } = this.#cut;
    const [first] = this.#cut.keys();
    if (!first) return undefined;
    const of = size === 1 ? first.id : `${size} objects`;
    return `cut: ${counted(sum, 'reference')} of ${of}, each says more than ${this.#options.limit.ofOneObject}`;
  }
}

/** Whether its selector has more requirements than an object may have references: each is filed and compared. */
function isOverlong({ reference: { source, target } }: SourcedReference, most: number): boolean {
  return [source, target].some((end) => end?.by === 'labels' && countIn(end.selector, most) > most);
}

/** Its labels, expressions and their values. Stops counting above `most`. Objects of custom kinds may have any shape there. */
function countIn({ matchLabels, matchExpressions }: LabelSelector, most: number): number {
  let count = 0;
  for (const _ in matchLabels) if (++count > most) return count;
  if (!Array.isArray(matchExpressions)) return count;
  for (const expression of matchExpressions as readonly (Partial<LabelRequirement> | null)[]) {
    const values: unknown = expression?.values;
    count += 1 + (Array.isArray(values) ? values.length : 0);
    if (count > most) return count;
  }
  return count;
}
