// Equal cards become one stack: leaves of one kind with the same neighbours, or what a view calls alike. Cards drawn
// alone stay alone and stacked ones stay stacked, so no card jumps.
import type { Card, Line } from './card.ts';

export interface StackOptions {
  /** Key of equal cards; undefined for never stacked. */
  readonly alike: (card: Card) => string | undefined;
  /** Minimum size of a stack. */
  readonly least: number;
  /** Previous card of each resource's card. */
  readonly before?: ReadonlyMap<string, string> | undefined;
}

/** By card key: its stack's key, or its own. */
export function stacksOf(cards: readonly Card[], { alike, least, before }: StackOptions): Map<string, string> {
  const groups = Map.groupBy(cards, (card) => alike(card) ?? card.key);
  const drawn = new Map<string, string>();
  for (const [likeness, group] of groups) {
    // Most cards are alone: their key would be computed for nothing.
    const mayBeStack = group.length >= least || group.some(({ key }) => isStackKey(before?.get(key)));
    const stack = mayBeStack ? stackKey(likeness) : '';
    const isStack = group.length >= least || group.some(({ key }) => before?.get(key) === stack);
    for (const card of group) {
      const was = before?.get(card.key);
      const kept = was !== undefined && (was === card.key || isStackKey(was)) ? was : undefined;
      const mayStack = isStack && alike(card) !== undefined;
      drawn.set(card.key, kept ?? (mayStack ? stack : card.key));
    }
  }
  // A missing resource is never hidden in a stack.
  for (const card of cards) if (card.state === 'missing') drawn.set(card.key, card.key);
  return drawn;
}

function isStackKey(key: string | undefined): boolean {
  return key?.startsWith('stack ') === true;
}

/** Short, because it is part of links. */
export function stackKey(likeness: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of likeness)
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
  return `stack ${hash.toString(36)}`;
}

/** Leaves of one lane and kind with the same lines to the same ends. */
export function likenessOfLeaves(lines: readonly Line[]): (card: Card) => string | undefined {
  const ends = new Map<string, string[]>();
  const add = (key: string, end: string) => {
    const known = ends.get(key);
    if (known) known.push(end);
    else ends.set(key, [end]);
  };
  for (const { source, target, type, family } of lines) {
    // Sharing a namespace does not make them alike.
    if (family === 'placement') continue;
    add(source, `> ${type} ${target}`);
    add(target, `< ${type} ${source}`);
  }
  return ({ key, kind, lane, state, members, outside }) => {
    const own = ends.get(key);
    if (!own || own.length > 4 || state === 'missing' || members.length > 1) return undefined;
    return `${lane} ${kind} ${outside ? 'outside ' : ''}${own.sort().join(' ')}`;
  };
}
