// Which resources and relations are exported. A resource of another type stays if only its name is known: what a Pod mounts
// is part of the Pod. A relation is exported if one of its ends is.
import { fieldsOf } from '../../src/fields.ts';
import { parseId } from '../../src/ids.ts';
import { kinds } from '../kinds/index.ts';
import { typeOfKind } from '../kinds/lookup.ts';
import type { Choice } from './choice.ts';

const known = new Map(kinds.map((kind) => [typeOfKind(kind), kind]));
/** Derived from other types. */
const ofPods: ReadonlySet<string> = new Set(['Container', 'Process', 'Image']);

export class GraphFilter {
  readonly #choice: Choice;
  /** `group/resource` of discovered types. */
  readonly #names: ReadonlyMap<string, string>;
  /** Types with outdated resources, because they could not be read. */
  readonly #withheld: ReadonlySet<string>;
  readonly #types = new Map<string, boolean>();
  readonly #dropped = new Set<string>();

  constructor(choice: Choice, names: ReadonlyMap<string, string>, withheld: ReadonlySet<string> = new Set()) {
    this.#choice = choice;
    this.#names = names;
    this.#withheld = withheld;
  }

  /** `bare`: whether only its name is known. */
  resource(id: string, type: string, bare: () => boolean): boolean {
    const kept = (this.#isChosen(type) && this.#choice.namespace(namespaceIn(id, type))) || bare();
    if (kept) this.#dropped.delete(id);
    else this.#dropped.add(id);
    return kept;
  }

  relation(source: string, target: string): boolean {
    return !this.#dropped.has(source) && !this.#dropped.has(target);
  }

  /** Not sent for another reason, so its relations are not either. */
  drop(id: string): void {
    this.#dropped.add(id);
  }

  /** True if it was sent, as far as known; forgets it. */
  removed(id: string): boolean {
    return !this.#dropped.delete(id);
  }

  #isChosen(type: string): boolean {
    const found = this.#types.get(type);
    if (found !== undefined) return found;
    const chosen = !this.#withheld.has(type) && this.#ofType(type);
    this.#types.set(type, chosen);
    return chosen;
  }

  #ofType(type: string): boolean {
    if (ofPods.has(type)) return this.#choice.type('', 'pods');
    const name = typeName(type, this.#names);
    if (name === undefined) return true;
    const [group = '', resource = ''] = name.split('/');
    return this.#choice.type(group === 'core' ? '' : group, resource);
  }
}

/** `group/resource` of an API type; undefined for types without an API. */
export function typeName(type: string, names: ReadonlyMap<string, string>): string | undefined {
  const named = names.get(type);
  if (named !== undefined) return named;
  const kind = known.get(type);
  if (kind !== undefined) return `${kind.group === '' ? 'core' : kind.group}/${kind.plural}`;
  const dot = type.indexOf('.');
  // A running master may have discovered it: guesses the usual plural.
  return dot < 0 ? undefined : `${type.slice(dot + 1)}/${pluralOf(type.slice(0, dot).toLowerCase())}`;
}

function pluralOf(name: string): string {
  if (/(s|x|z|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

function namespaceIn(id: string, type: string): string | undefined {
  if (type === 'Image' || known.get(type)?.namespaced === false) return undefined;
  const { path } = parseId(id);
  const slash = path.indexOf('/');
  if (type === 'Namespace') return path;
  return slash < 0 ? undefined : path.slice(0, slash);
}

/** Whether its annotations show that only a name is known. */
export function isBare(resource: unknown): boolean {
  const annotations = fieldsOf(fieldsOf(resource)?.['annotations']);
  return ['missing', 'unverified', 'absent'].some((name) => annotations?.[name] !== undefined);
}
