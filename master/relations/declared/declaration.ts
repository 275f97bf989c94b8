// The form of a declared relation. One declaration is one rule; the presence of `ref`, `name`, `selector`, `label`,
// `annotation` or `host` decides its shape. docs/rules.md explains each key.
import type { Dependence, StructuralDefault } from '../relation.ts';

/** A condition: one of the values at `field` meets it. A field that starts with a dot is within the reference. */
export interface Requirement {
  readonly field: string;
  readonly exists?: boolean;
  readonly equals?: string | number | boolean;
  readonly in?: readonly (string | number | boolean)[];
}

/** Structural defaults that a kind can exclude. */
export const structuralDefaults = ['references', 'names', 'templates'] as const satisfies readonly StructuralDefault[];

export interface Declaration {
  /** The rule's name; default: from kind and path. */
  readonly rule?: string;
  /** Types: `Widget.example.com`, `*.*` for all custom kinds, `*` for all kinds. */
  readonly from: string | readonly string[];
  readonly relation?: string;
  readonly sentence?: string;
  readonly depends?: Dependence;
  /** The named object is the relation's source, this one its target. */
  readonly reverse?: boolean;

  readonly ref?: string | readonly string[];
  readonly name?: string | readonly string[];
  readonly selector?: string | readonly string[];
  readonly label?: string;
  readonly annotation?: string;
  readonly host?: string | readonly string[];

  /** Type of the named object; for a `ref` if the reference has no kind. */
  readonly to?: string;
  /** For a `ref`: default group. */
  readonly group?: string;
  /** For a `ref`: names of its fields, if not `kind`, `group`, `apiGroup` or `apiVersion`, `name` and `namespace`. */
  readonly fields?: { readonly [part in 'kind' | 'group' | 'name' | 'namespace']?: string };
  /** `own`, `none`, `either`, for a selector `all`, or the field with it. */
  readonly namespace?: string;
  /** Default namespace for cluster-scoped objects. */
  readonly otherwise?: string;
  /** For a mark: the label or annotation with the namespace. */
  readonly namespaceKey?: string;
  /** Form of a name in a text: `{namespace}/{name}`. */
  readonly form?: string;
  /** For a `name`: the name that is made of it: `alertmanager-{name}`. */
  readonly as?: string;
  /** For a host: its server decides what it is, so it is a Host whatever its name. */
  readonly served?: boolean;
  /** For a host: a name without dots is a Service in the object's namespace, existing or not. */
  readonly short?: boolean;
  /** For a selector: whether an empty one selects everything. */
  readonly empty?: 'all' | 'none';
  /** For a selector: prefixes of keys that are not part of the label. */
  readonly strip?: readonly string[];
  /** For a selector: a text in Calico's language. */
  readonly language?: 'calico';
  /** Of a name of a Secret: a text there is one, so it stays, though its field is called as a secret is. */
  readonly texts?: boolean;
  /** Words that stand in the place of a name and name nothing. */
  readonly not?: readonly string[];
  /** Only existing objects are named. */
  readonly present?: boolean;

  readonly when?: Requirement | readonly Requirement[];
  readonly optional?: boolean | string;
  readonly weight?: string;
  readonly ready?: string;
  readonly guess?: boolean;
  /** Maximum relations per object; the rest is counted in `leftOut`. */
  readonly limit?: number;
  /** Structural defaults that do not apply to these kinds. */
  readonly without?: readonly StructuralDefault[];
}

export const shapes = ['ref', 'name', 'selector', 'label', 'annotation', 'host'] as const;
export type Shape = (typeof shapes)[number];

export function shapeOf(declaration: Declaration): Shape | undefined {
  return shapes.find((shape) => declaration[shape] !== undefined);
}

export const usualLimit = 1000;
export const greatestLimit = 10_000;
