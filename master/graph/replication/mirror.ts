// Forwards the input of an engine, one transaction at a time, to followers with graphs of their own. Writes to `writer`
// reach the engine first. Earlier input is read back from the engine.

import type { Engine, GraphWriter } from '../contract.ts';
import { type Told, tee } from './tee.ts';

export type { Told } from './tee.ts';

export interface Mirror {
  /** Write to this instead of the engine. */
  readonly writer: GraphWriter;
  /** Calls `listener` after each transaction with its input. Returns a function that stops it. */
  follow(listener: (told: readonly Told[]) => void): () => void;
}

export function createMirror(engine: Engine): Mirror {
  const listeners = new Set<(told: readonly Told[]) => void>();
  let told: Told[] = [];

  engine.afterCommit(() => {
    const batch = told;
    told = [];
    if (batch.length > 0) for (const listener of listeners) listener(batch);
  });
  return {
    writer: tee(engine, engine, (one) => {
      if (listeners.size > 0) told.push(one);
    }),
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
