// Values of a parsed YAML document like in kubectl: merge keys, duplicate keys (the last wins), aliases as separate copies.
// Bounded against aliases that multiply and excessive depth.
import type { Document, Node, Pair, ParsedNode, Scalar, YAMLMap } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { keyOf, scalarOf } from './scalars.ts';

/** The deepest API objects, schemas of custom resources, stay far below. */
export const deepest = 200;
/** kubectl accepts 1.2 million alias nodes in a document of 2.2 million. */
const mostFromAliases = 1_250_000;

export interface YamlValue {
  readonly value: unknown;
  /** Keys that occur twice in one mapping. */
  readonly equalKeys: readonly { readonly key: string; readonly offset: number }[];
}

/** An error and its position in the text. */
export class YamlProblem extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'YamlProblem';
    this.offset = offset;
  }
}

type Values = { [key: string]: unknown };

/** @throws YamlProblem */
export function valueOfYaml(document: Document.Parsed<ParsedNode>): YamlValue {
  const reader = new Reader();
  const value = reader.read(document.contents);
  return { value, equalKeys: reader.equalKeys };
}

class Reader {
  readonly equalKeys: { readonly key: string; readonly offset: number }[] = [];
  readonly #anchors = new Map<string, Node>();
  /** The target of each alias: an anchor may be redefined later. */
  readonly #meant = new Map<Node, Node>();
  readonly #open = new Set<Node>();
  #inAliases = 0;
  #written = 0;
  #fromAliases = 0;
  #depth = 0;

  read(node: Node | null | undefined): unknown {
    if (!node) return null;
    this.#count(node);
    if (isAlias(node)) return this.#readAlias(node);
    if ('anchor' in node && typeof node.anchor === 'string' && this.#inAliases === 0)
      this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return valueOfScalar(node);
    return this.#inside(node, () =>
      isSeq(node) ? node.items.map((item) => this.read(item as Node)) : this.#readMap(node),
    );
  }

  #count(node: Node): void {
    if (this.#inAliases > 0) this.#fromAliases++;
    else this.#written++;
    if (this.#fromAliases > Math.max(mostFromAliases, this.#written))
      throw problem('its aliases multiply without end', node);
  }

  #inside<T>(node: Node, read: () => T): T {
    if (this.#open.has(node)) throw problem('an alias stands inside of what it stands for', node);
    if (++this.#depth > deepest) throw problem(`an object is nested more than ${deepest} levels deep`, node);
    this.#open.add(node);
    const value = read();
    this.#open.delete(node);
    this.#depth--;
    return value;
  }

  #readAlias(alias: Node & { readonly source: string }): unknown {
    const target = this.#targetOf(alias);
    this.#inAliases++;
    const value = this.read(target);
    this.#inAliases--;
    return value;
  }

  #targetOf(alias: Node & { readonly source: string }): Node {
    const target = this.#meant.get(alias) ?? this.#anchors.get(alias.source);
    if (target === undefined) throw problem(`the alias *${alias.source} stands for nothing`, alias);
    this.#meant.set(alias, target);
    return target;
  }

  #readMap(map: Node): Values {
    const values: Values = {};
    const own = new Set<string>();
    for (const pair of (map as YAMLMap).items as Pair<Node | null, Node | null>[]) {
      if (isMerge(pair.key)) {
        this.#merge(pair.value, values);
        continue;
      }
      const key = this.#readKey(pair.key, map);
      if (own.has(key) && this.#inAliases === 0) this.equalKeys.push({ key, offset: offsetOf(pair.key ?? map) });
      own.add(key);
      set(values, key, this.read(pair.value));
    }
    return values;
  }

  #readKey(key: Node | null, map: Node): string {
    const value = this.read(key);
    if (typeof value === 'object' && value !== null)
      throw problem('a key is not text: is it a template whose values are not filled in?', key ?? map);
    return withPlace(key ?? map, () => keyOf(value as string));
  }

  /** Key by key like kubectl: merged values override earlier keys, not later ones. */
  #merge(from: Node | null, into: Values): void {
    const target = isAlias(from) ? this.#targetOf(from) : from;
    if (isMap(target)) return this.#take(from, into);
    if (!isSeq(target)) throw problem('<< takes a mapping or a list of mappings', from ?? target ?? undefined);
    const maps = target.items as Node[];
    // For duplicate keys the first mapping wins.
    for (const each of maps.toReversed()) {
      if (!isMap(isAlias(each) ? this.#targetOf(each) : each))
        throw problem('<< takes a mapping or a list of mappings', each);
      this.#take(each, into);
    }
  }

  #take(from: Node | null, into: Values): void {
    for (const [key, value] of Object.entries(this.read(from) as Values)) set(into, key, value);
  }
}

/** `__proto__` is an ordinary key. */
function set(values: Values, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(values, key, { value, writable: true, enumerable: true, configurable: true });
  else values[key] = value;
}

function isMerge(key: Node | null): boolean {
  return isScalar(key) && key.source === '<<' && key.type === 'PLAIN' && key.tag === undefined;
}

function valueOfScalar(node: Scalar): unknown {
  const { source, type, tag } = node;
  const text = source ?? '';
  return withPlace(node, () => scalarOf(text, type === 'PLAIN' || type === undefined, tag));
}

function withPlace<T>(node: Node, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw problem((error as Error).message, node);
  }
}

function problem(message: string, node: Node | undefined): YamlProblem {
  return new YamlProblem(message, offsetOf(node));
}

function offsetOf(node: Node | undefined): number {
  return node?.range?.[0] ?? 0;
}
