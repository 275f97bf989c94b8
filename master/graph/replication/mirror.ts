// Hands on what an engine is told, a transaction at a time, to those who keep a graph of their own: whoever writes to
// `writer` writes to the engine. What was told before somebody followed is read back from the engine.

import type { Engine, GraphWriter } from '../contract.ts';
import { type Told, tee } from './tee.ts';

export type { Told } from './tee.ts';

export interface Mirror {
  /** To write to in place of the engine. */
  readonly writer: GraphWriter;
  /** Calls `listener` with all that a transaction told, after it, until the function returned is called. */
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
