// Transfers prepared objects between threads: all properties as bytes in one transferred buffer, the rest as JSON, which V8
// parses several times faster than it clones objects. Objects are parsed one by one, because garbage collection would copy
// those of a whole page.

import { interned as internedMark } from '../../applications/mark.ts';
import type { Item } from '../../graph/engine/engine.ts';
import { mostBytesOf, type Text, writeText } from '../../graph/model/bytes.ts';
import type { Fields } from '../../graph/model/fields.ts';
import { flagsOf, saidByFlags } from '../../graph/model/flags.ts';
import type { Health, HealthState } from '../../health/health.ts';
import { interned as internedHealth } from '../../health/interned.ts';
import type { Condition, End, Fact, Reference, Rule } from '../../relations/relation.ts';
import type { ImageObservation } from '../images/images.ts';
import type { Prepared } from '../item.ts';

export interface Wire {
  /** JSON without properties, one object per line; the properties follow one another in `memory`. */
  readonly heads: string;
  readonly memory: ArrayBuffer;
}

/** 0 replaces values that are often empty: short and fast to parse. */
type Or0<T> = T | 0;
type WireItem = [
  type: string,
  id: string,
  namespace: string,
  name: string,
  uid: Or0<string>,
  resourceVersion: Or0<string>,
  label: Or0<string>,
  labels: Or0<Item['labels']>,
  controlled: 0 | 1,
  fields: Or0<Fields>,
  bytes: number,
  references: WireReference[],
  health: Or0<[state: HealthState, reason: string, field: string, ready: Or0<string>]>,
  mark: Or0<[name: string, field: string]>,
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
/** Fields that few references have. */
type More = { readonly states?: Fact | undefined; readonly when?: Condition | undefined };
type Notes = Or0<NonNullable<Reference['notes']>>;
type WirePart = [item: WireItem, images: readonly ImageObservation[]];
type WirePrepared = [item: WireItem, parts: Or0<WirePart[]>];

/** Both sides need the same `rules` in the same order. */
export function createWire(rules: readonly Rule[]) {
  const numbers = new Map(rules.map((rule, n) => [rule, n] as const));

  function wireItem(item: Item, bytes: number): WireItem {
    const { type, id, namespace, name, uid, resourceVersion, label, labels, controlled, fields } = item;
    const { health, mark } = item;
    return [
      type,
      id,
      namespace,
      name,
      uid || 0,
      resourceVersion || 0,
      label === name ? 0 : label,
      labels ?? 0,
      controlled ? 1 : 0,
      fields ?? 0,
      bytes,
      item.references.map(({ rule, reference }) => wireReference(numbers.get(rule) as number, reference)),
      health ? [health.state, health.reason, health.field, health.ready ?? 0] : 0,
      mark ? [mark.name, mark.field] : 0,
    ];
  }

  function item(wired: WireItem, properties: Buffer): Item {
    const [type, id, namespace, name, uid, resourceVersion, label, labels, controlled, fields] = wired;
    const [, , , , , , , , , , , references, health, mark] = wired;
    return {
      id,
      type: shared(type),
      namespace: shared(namespace),
      name,
      uid: uid === 0 ? '' : uid,
      resourceVersion: resourceVersion === 0 ? '' : resourceVersion,
      label: label === 0 ? name : label,
      labels: labels === 0 ? undefined : sharedIn(labels as { [name: string]: string }),
      controlled: controlled === 1,
      fields: fields === 0 ? undefined : fields,
      references: references.map((each) => ({ rule: rules[each[0]] as Rule, reference: referenceFrom(each) })),
      health: health === 0 ? undefined : internedHealth(healthFrom(health)),
      mark: mark === 0 ? undefined : internedMark(...mark),
      properties,
    };
  }

  return {
    /** Writes the properties into `memory` if they fit, otherwise into a new buffer. */
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
    /** The properties are not copied from `memory`. */
    *read({ heads, memory }: Wire): Generator<Prepared> {
      let at = 0;
      const next = (wired: WireItem): Item => {
        const bytes = wired[10];
        const properties = Buffer.from(memory, at, bytes);
        at += bytes;
        return item(wired, properties);
      };
      // JSON text here contains no line feed.
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

function wireReference(rule: number, reference: Reference): WireReference {
  const { field, source, target, notes, states, when } = reference;
  const wired: WireReference = [rule, field, source ?? 0, target ?? 0, flagsOf(reference), notes ?? 0];
  if (states || when) wired.push({ states, when });
  return wired;
}

function referenceFrom([, field, source, target, flags, notes, more]: WireReference): Reference {
  return {
    ...(source === 0 ? {} : { source }),
    ...(target === 0 ? {} : { target }),
    field,
    ...saidByFlags(flags),
    ...(notes === 0 ? {} : { notes }),
    ...more,
  };
}

function createWriter(memory: ArrayBuffer) {
  let bytes = Buffer.from(memory);
  let used = 0;
  return {
    memory: () => bytes.buffer,
    /** Number of bytes of the text. */
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

function healthFrom([state, reason, field, ready]: Exclude<WireItem[12], 0>): Health {
  return ready === 0 ? { state, reason, field } : { state, reason, field, ready };
}

/** Texts of thousands of objects, such as a namespace, are shared: parsing creates a new string each time. */
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
