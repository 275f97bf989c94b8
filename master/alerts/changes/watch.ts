// The contract of a watch for one rule: it receives the changes of each revision and can query the current graph. What came
// and went between two calls is no change.
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

/** A reported change: the resource to edit. */
export interface Told {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
}

export interface Matched {
  readonly on: Told;
  readonly path?: readonly ProofStep[];
  readonly field?: string | undefined;
  /** Ids of the affected resources. */
  readonly affected?: readonly string[];
  /** `from 2 to 5`. */
  readonly words?: string;
  /** The removed resource that explains it. */
  readonly because?: string | undefined;
}

export interface Tell {
  begin(matched: Matched): void;
  /** It no longer holds at that resource. */
  end(resource: string): void;
}

export interface ChangeWatch {
  /** Learns the reference state before the first change. */
  begin(): Steps<void>;
  take(change: Change, tell: Tell): void;
  /** Whether a report, possibly from an earlier process, still holds. */
  isSo(subject: Pick<Subject, 'resource' | 'affected'>): boolean;
}

/** Whether something exists: named resources may be missing. */
export function isThere(graph: Pick<GraphReader, 'standingOf'>, vertex: Vertex | undefined): vertex is Vertex {
  return vertex !== undefined && (vertex.present || graph.standingOf(vertex) === '');
}
