// An engine that becomes a copy of another: it takes over revisions, timestamps and states, so both answer the same bytes.
// Do not read it before it is complete.

import { fault } from '../../../src/errors.ts';
import type { Steps } from '../../../src/steps.ts';
import type { Rule } from '../../relations/relation.ts';
import type { Engine } from '../contract.ts';
import type { LogLine, Synced } from './log-lines.ts';
import type { Mirror } from './mirror.ts';
import type { KindSaid, LimitSaid } from './origin.ts';
import type { ReplicaTarget } from './replica.ts';
import type { Told } from './tee.ts';

export interface EngineTargetParts {
  readonly engine: Engine;
  readonly mirror: Mirror;
  /** The engine's clock: returns the last value of `set`. */
  readonly clock: ToldClock;
  readonly addKind: (kind: KindSaid) => void;
  readonly setRules: (rules: readonly Rule[]) => void;
  readonly setLimit: (limit: LimitSaid) => void;
}

/** A clock that is set. */
export class ToldClock {
  #now = 0;
  #timestamp = '';

  readonly read = (): number => this.#now;

  set(timestamp: string): void {
    if (timestamp === this.#timestamp) return;
    this.#timestamp = timestamp;
    this.#now = Date.parse(timestamp);
  }
}

export class EngineTarget implements ReplicaTarget {
  readonly engine: Engine;
  readonly mirror: Mirror;
  readonly #parts: EngineTargetParts;

  constructor(parts: EngineTargetParts) {
    this.#parts = parts;
    this.engine = parts.engine;
    this.mirror = parts.mirror;
  }

  /** Set where it may be another graph than the original: it numbers its own revisions then. */
  get ownEpoch(): string | undefined {
    return undefined;
  }

  get revision(): number | undefined {
    return this.ownEpoch === undefined ? this.engine.revision : undefined;
  }

  apply(timestamp: string, lines: readonly LogLine[]): void {
    const { clock, mirror } = this.#parts;
    clock.set(timestamp);
    mirror.writer.transact(() => {
      for (const line of lines) this.#hear(line);
    });
  }

  addKind(kind: KindSaid): void {
    this.#parts.addKind(kind);
  }

  setRules(rules: readonly Rule[]): void {
    this.#parts.setRules(rules);
  }

  setLimit(limit: LimitSaid): void {
    this.#parts.setLimit(limit);
  }

  *finish({ revision, timestamp, states, outOfStepSince }: Synced): Steps<void> {
    yield* this.engine.derive();
    this.#parts.clock.set(timestamp);
    this.engine.continueAs({ revision, timestamp, states, outOfStepSince });
    this.engine.changes.record();
  }

  #hear(line: LogLine): void {
    if (line.what === 'stamps') {
      if (this.engine.stamp(line.stamps) || this.ownEpoch !== undefined) return;
      throw fault('bad_log', { reason: `${line.stamps.id} has other relations here` });
    }
    if (line.what === 'renew') {
      if (this.mirror.writer.renew(line.renewal)) return;
      throw fault('bad_log', { reason: `${line.renewal.id} changed, and was not told` });
    }
    if (line.what !== 'told') return;
    const { told, stamp } = line;
    this.#tell(told);
    if (stamp !== undefined && told.what === 'put')
      this.engine.stamp({ id: told.item.id, resource: stamp, relations: undefined });
  }

  #tell(told: Told): void {
    const { writer } = this.mirror;
    if (told.what === 'put') writer.put(told.item);
    else if (told.what === 'remove') writer.remove(told.place.id);
    else if (told.what === 'annotate') writer.annotate(told.id, told.name, told.value);
    else if (told.what === 'key') writer.setKey(told.index, told.key, told.id);
    else writer.setSource(told.family, told.name, told.state);
  }
}
