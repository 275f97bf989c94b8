// Lines between cards: one per pair and type, except those that the owner's card already has.
import type { Relation } from '../../src/model.ts';
import { familyOf } from '../families.ts';
import type { Line } from './card.ts';

type Mutable<T> = { -readonly [name in keyof T]: T[name] };

export function lineKey(source: string, type: string, target: string): string {
  return `${source}\n${type}\n${target}`;
}

/** What does not exist and should: an optional or expected absence is no fault. */
export function isBroken({ missing, optional, absent }: Relation['annotations']): boolean {
  return missing === true && optional !== true && absent === undefined;
}

/** `cardOf`: key of a resource's card; undefined if it is not drawn. */
export function linesBetween(relations: Iterable<Relation>, cardOf: (id: string) => string | undefined): Line[] {
  const lines = new Map<string, Mutable<Line>>();
  for (const { source, target, type, annotations } of relations) {
    const from = cardOf(source);
    const to = cardOf(target);
    if (from === undefined || to === undefined || from === to) continue;
    const key = lineKey(from, type, to);
    const missing = isBroken(annotations);
    const line = lines.get(key);
    if (!line) lines.set(key, { key, source: from, target: to, type, family: familyOf(type), count: 1, missing });
    else {
      line.count++;
      line.missing ||= missing;
    }
  }
  return [...lines.values()];
}

/** Drops lines that the card's owner has too: a template's relations are drawn once, at its holder. */
export function withoutInherited(lines: readonly Line[], ownerOf: (card: string) => string | undefined): Line[] {
  const keys = new Set(lines.map(({ key }) => key));
  const isInherited = ({ source, type, target }: Line) =>
    above(source, ownerOf).some((owner) => owner !== target && keys.has(lineKey(owner, type, target))) ||
    above(target, ownerOf).some((owner) => owner !== source && keys.has(lineKey(source, type, owner)));
  return lines.filter((line) => line.family === 'ownership' || !isInherited(line));
}

function above(card: string, ownerOf: (card: string) => string | undefined): string[] {
  const found: string[] = [];
  for (let at = ownerOf(card); at !== undefined && at !== card && !found.includes(at); at = ownerOf(at)) found.push(at);
  return found;
}
