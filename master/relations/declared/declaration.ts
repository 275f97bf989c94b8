// The form of a relation that is said in data. One declaration is one rule; which of `ref`, `name`, `selector`, `label`,
// `annotation` and `host` it has is its shape. See docs/rules.md for each key in words.
import type { Dependence, StructuralDefault } from '../relation.ts';

/** Something that must be so: of the values at `field`, one is. A field that begins with a dot is one of the reference's own. */
export interface Requirement {
  readonly field: string;
  readonly exists?: boolean;
  readonly equals?: string | number | boolean;
  readonly in?: readonly (string | number | boolean)[];
}

/** The structural defaults that a kind can do without. */
export const structuralDefaults = ['references', 'names', 'templates'] as const satisfies readonly StructuralDefault[];

export interface Declaration {
  /** The rule's name, made of kind and path where it is left out. */
  readonly rule?: string;
  /** Types: `Widget.example.com`, `*.*` for every custom kind, `*` for every kind. */
  readonly from: string | readonly string[];
  readonly relation?: string;
  readonly sentence?: string;
  readonly depends?: Dependence;
  /** What is named is the relation's source, the object its target. */
  readonly reverse?: boolean;

  readonly ref?: string | readonly string[];
  readonly name?: string | readonly string[];
  readonly selector?: string | readonly string[];
  readonly label?: string;
  readonly annotation?: string;
  readonly host?: string | readonly string[];

  /** The type of what is named: of a `ref`, where the reference says no kind. */
  readonly to?: string;
  /** Of a `ref`: the group of kinds that are named without one. */
  readonly group?: string;
  /** Of a `ref`: what its fields are called, where not `kind`, `group`, `apiGroup` or `apiVersion`, `name` and `namespace`. */
  readonly fields?: { readonly [part in 'kind' | 'group' | 'name' | 'namespace']?: string };
  /** `own`, `none`, `either`, of a selector `all`, or the field that says it. */
  readonly namespace?: string;
  /** Where the object is in no namespace and says none. */
  readonly otherwise?: string;
  /** Of a mark: the label or annotation that holds the namespace. */
  readonly namespaceKey?: string;
  /** How a name is written in a text: `{namespace}/{name}`. */
  readonly form?: string;
  /** Of a host: whoever is asked decides what it is, so it is a Host whatever it is called. */
  readonly served?: boolean;
  /** Of a host: a name without a dot is a Service of the object's namespace, whether it is there or not. */
  readonly short?: boolean;
  /** Of a selector: an empty one selects all. */
  readonly empty?: 'all' | 'none';
  /** Of a selector: prefixes of keys that say nothing of the label. */
  readonly strip?: readonly string[];
  /** Of a selector: it is a text in the language of Calico. */
  readonly language?: 'calico';
  /** Of a name of a Secret: a text there is one, so it stays, though its field is called as a secret is. */
  readonly texts?: boolean;
  /** Words that stand in the place of a name and name nothing. */
  readonly not?: readonly string[];
  /** Only what is there is named. */
  readonly present?: boolean;

  readonly when?: Requirement | readonly Requirement[];
  readonly optional?: boolean | string;
  readonly weight?: string;
  readonly ready?: string;
  readonly guess?: boolean;
  /** How many relations of one object it makes at most; the rest is counted in `leftOut`. */
  readonly limit?: number;
  /** Structural defaults that are not asked of these kinds. */
  readonly without?: readonly StructuralDefault[];
}

export const shapes = ['ref', 'name', 'selector', 'label', 'annotation', 'host'] as const;
export type Shape = (typeof shapes)[number];

export function shapeOf(declaration: Declaration): Shape | undefined {
  return shapes.find((shape) => declaration[shape] !== undefined);
}

export const usualLimit = 1000;
export const greatestLimit = 10_000;
