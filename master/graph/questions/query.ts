// A parsed query: routes build it from a URL, select.ts answers it. Types only.

import type { CompiledSelector } from '../model/label-selector.ts';
import type { FieldMatches } from './field-matches.ts';
import type { FieldRequirement } from './field-selector.ts';
import type { Wildcards } from './wildcard.ts';

/** Conditions on a resource. Undefined ones always hold. */
export interface ResourceTest {
  readonly type?: Wildcards | undefined;
  readonly namespace?: Wildcards | undefined;
  readonly labels?: CompiledSelector | undefined;
  readonly fields?: readonly FieldRequirement[] | undefined;
  /** Lower case: a part of the id, name or label; ignores case. */
  readonly text?: string | undefined;
  /** True: only missing resources. False: neither missing ones nor those absent for a reason. */
  readonly missing?: boolean | undefined;
  /** Reasons for an expected absence. */
  readonly absent?: Wildcards | undefined;
  readonly stale?: boolean | undefined;
  /** Health states; resources without health are dropped. */
  readonly health?: Wildcards | undefined;
}

/** `down`: from source to target; `up`: from target to source. */
export type Direction = 'up' | 'down' | 'both';

/** Start and depth of a traversal. */
export interface Walk {
  readonly roots: readonly string[];
  readonly direction: Direction;
  readonly depth: number;
}

export interface Query {
  /** Undefined keeps all resources. */
  readonly resource?: ResourceTest | undefined;
  /** Relation types that are kept and that the traversal follows. */
  readonly relation?: Wildcards | undefined;
  /** Also keeps all relations that touch a kept resource, and their other ends. */
  readonly neighbours?: boolean | undefined;
  readonly walk?: Walk | undefined;
}

/** Which part of a resource's body is included. */
export interface Trim {
  readonly properties?: false;
  /** Only these properties. */
  readonly pointers?: readonly (readonly string[])[];
  /** Is told what the pointers are looked for in. */
  readonly matches?: FieldMatches | undefined;
  /** Annotations without their origin. */
  readonly reasons?: false;
}
