// What one thread prepared as another takes it over: the properties of all as bytes in one piece of memory, which changes
// hands without a copy, and everything else as JSON, which V8 reads back several times as fast as it clones objects. Each
// object's is read when its turn comes: those of a whole page at once would all be there to be copied when V8 looks for room.

import type { Item, SourcedReference } from '../../graph/engine/engine.ts';
import { mostBytesOf, type Text, writeText } from '../../graph/model/bytes.ts';
import { flagsOf, saidByFlags } from '../../graph/model/flags.ts';
import type { Condition, End, Fact, Reference, Rule } from '../../relations/relation.ts';
import type { ImageObservation } from '../images/images.ts';
import type { Prepared } from '../item.ts';

export interface Wire {
  /** JSON of everything but the properties, an object a line; those follow one another in `memory`. */
  readonly heads: string;
  readonly memory: ArrayBuffer;
}

/** In place of what is often empty stands 0: it is short, and it is read fast. */
type Or0<T> = T | 0;
type WireItem = [
  type: string,
  id: string,
  namespace: string,
  name: string,
  uid: string,
  resourceVersion: string,
  label: Or0<string>,
  labels: Or0<Item['labels']>,
  controlled: 0 | 1,
  nodeName: Or0<string>,
  phase: Or0<string>,
  bytes: number,
  references: WireReference[],
];
type WireReference = [
  rule: number,
  field: string,
  source: Or0<End>,
  target: Or0<End>,
  flags: number,
  notes: Notes,
  more?: More,
];
/** What few references have. */
type More = { readonly states?: Fact | undefined; readonly when?: Condition | undefined };
type Notes = Or0<NonNullable<Reference['notes']>>;
type WirePart = [item: WireItem, images: readonly ImageObservation[]];
type WirePrepared = [item: WireItem, parts: Or0<WirePart[]>];

/** `rules` are the same on both sides, in the same order. */
export function createWire(rules: readonly Rule[]) {
  const numbers = new Map(rules.map((rule, n) => [rule, n] as const));

  function wireReference({ rule, reference }: SourcedReference): WireReference {
    const { field, source, target, notes, states, when } = reference;
    const wired: WireReference = [
      numbers.get(rule) as number,
      field,
      source ?? 0,
      target ?? 0,
      flagsOf(reference),
      notes ?? 0,
    ];
    if (states || when) wired.push({ states, when });
    return wired;
  }

  function wireItem(item: Item, bytes: number): WireItem {
    const { type, id, namespace, name, uid, resourceVersion, label, labels, controlled, nodeName, phase } = item;
    return [
      type,
      id,
      namespace,
      name,
      uid,
      resourceVersion,
      label === name ? 0 : label,
      labels ?? 0,
      controlled ? 1 : 0,
      nodeName || 0,
      phase || 0,
      bytes,
      item.references.map(wireReference),
    ];
  }

  function said([rule, field, source, target, flags, notes, more]: WireReference): SourcedReference {
    const reference: Reference = {
      ...(source === 0 ? {} : { source }),
      ...(target === 0 ? {} : { target }),
      field,
      ...saidByFlags(flags),
      ...(notes === 0 ? {} : { notes }),
      ...more,
    };
    return { rule: rules[rule] as Rule, reference };
  }

  function item(wired: WireItem, properties: Buffer): Item {
    const [type, id, namespace, name, uid, resourceVersion, label, labels, controlled, nodeName, phase, , references] =
      wired;
    return {
      id,
      type: shared(type),
      namespace: shared(namespace),
      name,
      uid,
      resourceVersion,
      label: label === 0 ? name : label,
      alternateLabel: '',
      labels: labels === 0 ? undefined : sharedIn(labels as { [name: string]: string }),
      controlled: controlled === 1,
      nodeName: nodeName === 0 ? '' : shared(nodeName),
      phase: phase === 0 ? '' : shared(phase),
      references: references.map(said),
      properties,
    };
  }

  return {
    /** The properties are written into `memory` where it has room for them, else into other. */
    write(all: readonly Prepared[], memory: ArrayBuffer): Wire {
      const writer = createWriter(memory);
      const head = ({ item: it, parts }: Prepared): WirePrepared => {
        const wired = wireItem(it, writer.write(it.properties));
        if (!parts) return [wired, 0];
        return [wired, parts.map((part) => [wireItem(part.item, writer.write(part.item.properties)), part.images])];
      };
      const heads = all.map((each) => JSON.stringify(head(each))).join('\n');
      return { heads, memory: writer.memory() };
    },
    /** The properties are bytes of `memory`, not copied. */
    *read({ heads, memory }: Wire): Generator<Prepared> {
      let at = 0;
      const next = (wired: WireItem): Item => {
        const bytes = wired[11];
        const properties = Buffer.from(memory, at, bytes);
        at += bytes;
        return item(wired, properties);
      };
      // JSON has no line feeds of its own.
      for (const line of heads === '' ? [] : heads.split('\n')) {
        const [wired, parts] = JSON.parse(line) as WirePrepared;
        const it = next(wired);
        yield {
          item: it,
          parts: parts === 0 ? undefined : parts.map(([part, images]) => ({ item: next(part), images })),
        };
      }
    },
  };
}

function createWriter(memory: ArrayBuffer) {
  let bytes = Buffer.from(memory);
  let used = 0;
  return {
    memory: () => bytes.buffer,
    /** How many bytes the text took. */
    write(text: Text): number {
      const most = mostBytesOf(text);
      if (used + most > bytes.length) {
        const larger = Buffer.from(new ArrayBuffer(Math.max(bytes.length * 2, used + most)));
        bytes.copy(larger, 0, 0, used);
        bytes = larger;
      }
      const written = writeText(text, bytes, used);
      used += written;
      return written;
    },
  };
}

/** Texts that thousands of objects say, such as a namespace, are kept once; what is parsed is a text of its own each time. */
const mostShared = 50_000;
const texts = new Map<string, string>();

function sharedIn(labels: { [name: string]: string }): { [name: string]: string } {
  for (const name in labels) labels[name] = shared(labels[name] as string);
  return labels;
}

function shared(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size < mostShared) texts.set(text, text);
  return text;
}
