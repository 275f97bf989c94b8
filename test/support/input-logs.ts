// An input log in memory: what a master's engine writes, as messages, and replicas that read it.

import type { Engine } from '../../master/graph/engine/engine.ts';
import { noLimit, type RelationLimit } from '../../master/graph/engine/relation-limit.ts';
import { InputLog } from '../../master/graph/replication/input-log.ts';
import { type LogMessage, pack } from '../../master/graph/replication/messages.ts';
import type { Mirror } from '../../master/graph/replication/mirror.ts';
import { Replica } from '../../master/graph/replication/replica.ts';
import { createRetention } from '../../master/graph/revisions/retention.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { virtualTypes } from '../../master/relations/virtual.ts';
import { ReplicaGraph } from '../../master/replica/replica-graph.ts';
import type { MonotonicTime } from '../../src/clock.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Steps } from '../../src/steps.ts';

export interface MemoryLog {
  /** All messages so far, in order. */
  readonly messages: readonly LogMessage[];
  readonly log: InputLog;
  /** Writes a keyframe; `between` runs before each slice. */
  keyframe(between?: () => void): Promise<boolean>;
}

export interface MemoryLogOptions {
  readonly engine: Engine;
  readonly mirror: Mirror;
  readonly epoch?: string;
  readonly term?: string;
  readonly limit?: RelationLimit;
  readonly kinds?: ReadonlyMap<string, Kind>;
  readonly createdBy?: string;
  /** Maximum bytes of a message. */
  readonly most?: number;
  /** Resources per slice. */
  readonly slice?: number;
}

export const usualKinds: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [typeOfKind(kind), kind]));

export function createMemoryLog({
  engine,
  mirror,
  epoch = 'e1',
  term = '1',
  limit = noLimit,
  kinds: known = usualKinds,
  createdBy = 'test',
  most,
  slice,
}: MemoryLogOptions): MemoryLog {
  const messages: LogMessage[] = [];
  let between = () => {};
  const log = new InputLog(
    {
      engine,
      mirror,
      createdBy,
      virtualTypes: new Set(Object.keys(virtualTypes)),
      limit,
      kinds: known,
      ...(slice === undefined ? {} : { slice }),
    },
    {
      write(lines, revision) {
        const kind = messages.length === 0 ? ('begin' as const) : ('log' as const);
        messages.push(...pack({ kind, epoch, term, number: messages.length, revision }, lines, most));
      },
      async ready() {
        between();
      },
    },
  );
  return {
    messages,
    log,
    keyframe(each = () => {}) {
      between = each;
      return log.keyframe();
    },
  };
}

/** Runs all steps at once. */
export async function runAll(steps: Steps<void>): Promise<void> {
  while (!steps.next().done);
}

export function createTestReplica(now: () => number = () => 0): Replica<ReplicaGraph> {
  return new Replica({
    open: (origin, rules) => new ReplicaGraph({ origin, rules, retention: createRetention() }),
    run: runAll,
    clock: () => now() as MonotonicTime,
    now,
    logger: silentLogger,
  });
}
