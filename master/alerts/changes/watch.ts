// The contract of what watches for one rule's changes: it is given what one revision after another changed, and asks the graph
// how it is now. What came and went in between two looks is no change.
import type { Steps } from '../../../src/steps.ts';
import type { ProofStep } from '../../findings/contract.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import type { Change } from '../../graph/revisions/changes.ts';
import type { Subject } from '../alert.ts';

export type WatchedGraph = Pick<
  GraphReader,
  'get' | 'members' | 'namespacesOf' | 'counts' | 'standingOf' | 'propertiesOf'
>;

/** Where a change is told: the resource that one edits. */
export interface Told {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
}

export interface Matched {
  readonly on: Told;
  readonly path?: readonly ProofStep[];
  readonly field?: string | undefined;
  /** Ids of what it happened to. */
  readonly affected?: readonly string[];
  /** `from 2 to 5`. */
  readonly words?: string;
  /** The resource whose going explains it. */
  readonly because?: string | undefined;
}

export interface Tell {
  begin(matched: Matched): void;
  /** It is so no more at that resource. */
  end(resource: string): void;
}

export interface ChangeWatch {
  /** What has to be known before the first change can be told. */
  begin(): Steps<void>;
  take(change: Change, tell: Tell): void;
  /** Whether what was told of a resource, by an earlier process perhaps, is so still. */
  isSo(subject: Pick<Subject, 'resource' | 'affected'>): boolean;
}

/** Whether something is there: what is only named may be missing. */
export function isThere(graph: Pick<GraphReader, 'standingOf'>, vertex: Vertex | undefined): vertex is Vertex {
  return vertex !== undefined && (vertex.present || graph.standingOf(vertex) === '');
}
