// What can be asked of the graph, understood: the routes make it of a URL, select.ts answers it. Types only.

import type { CompiledSelector } from '../model/label-selector.ts';
import type { FieldRequirement } from './field-selector.ts';
import type { Wildcards } from './wildcard.ts';

/** What a resource must be to be kept. What is left out asks for nothing. */
export interface ResourceTest {
  readonly type?: Wildcards | undefined;
  readonly namespace?: Wildcards | undefined;
  readonly labels?: CompiledSelector | undefined;
  readonly fields?: readonly FieldRequirement[] | undefined;
  /** Lower case: what id, name or label contain, in any case. */
  readonly text?: string | undefined;
  /** Known not to be there, and missed; false keeps neither that nor what is absent for a reason. */
  readonly missing?: boolean | undefined;
  /** Reasons why what is not there is not missed. */
  readonly absent?: Wildcards | undefined;
  readonly stale?: boolean | undefined;
  /** States of health; what has none is not kept. */
  readonly health?: Wildcards | undefined;
}

/** `down` follows a relation from its source to its target, `up` the other way. */
export type Direction = 'up' | 'down' | 'both';

/** Where a traversal begins and how far it goes. */
export interface Walk {
  readonly roots: readonly string[];
  readonly direction: Direction;
  readonly depth: number;
}

export interface Query {
  /** Undefined keeps every resource. */
  readonly resource?: ResourceTest | undefined;
  /** The relations that are kept, and that a traversal follows. */
  readonly relation?: Wildcards | undefined;
  /** Keeps, besides, every relation that touches what is kept, with its other end. */
  readonly neighbours?: boolean | undefined;
  readonly walk?: Walk | undefined;
}

/** How much of a resource's body is answered. */
export interface Trim {
  readonly properties?: false;
  /** Only what these name of the properties. */
  readonly pointers?: readonly (readonly string[])[];
  /** What is noted about a resource without who noted it and where that stands. */
  readonly reasons?: false;
}
