// Forwards the input of an engine, one transaction at a time, to followers with graphs of their own. Writes to `writer`
// reach the engine first. Earlier input is read back from the engine.

import type { Engine, GraphWriter } from '../contract.ts';
import { type Told, tee } from './tee.ts';

export type { Told } from './tee.ts';

export interface Mirror {
  /** Write to this instead of the engine. */
  readonly writer: GraphWriter;
  /**
   * Calls `listener` after each transaction with its input; `all` false: resources may be left out of it, which is cheaper.
   * Returns a function that stops it.
   */
  follow(listener: (told: readonly Told[]) => void, all?: boolean): () => void;
}

export function createMirror(engine: Engine): Mirror {
  const listeners = new Map<(told: readonly Told[]) => void, boolean>();
  const isHeard = () => {
    for (const all of listeners.values()) if (all) return true;
    return false;
  };
  let told: Told[] = [];

  engine.afterCommit(() => {
    const batch = told;
    told = [];
    if (batch.length > 0) for (const listener of listeners.keys()) listener(batch);
  });
  return {
    writer: tee(
      engine,
      engine,
      (one) => {
        if (listeners.size > 0) told.push(one);
      },
      isHeard,
    ),
    follow(listener, all = true) {
      listeners.set(listener, all);
      return () => listeners.delete(listener);
    },
  };
}
