// Tells others what an engine is told, in the same words and order: the store writes to the mirror's engine, and what one
// transaction did is handed on when it is settled. While nobody listens it only remembers what cannot be read back.

import type { SourceState } from '../../../src/model.ts';
import type { Place } from '../../access/auth/rights.ts';
import type { Engine, Item } from '../engine/engine.ts';

/** One thing the engine was told. */
export type Told =
  | { readonly what: 'put'; readonly item: Item }
  | { readonly what: 'remove'; readonly place: Place }
  | { readonly what: 'annotate'; readonly id: string; readonly name: string; readonly value: string | undefined }
  | { readonly what: 'key'; readonly index: string; readonly key: string; readonly id: string | undefined }
  | { readonly what: 'kind'; readonly type: string; readonly state: SourceState | undefined }
  | { readonly what: 'minion'; readonly node: string; readonly state: SourceState | undefined };

export interface Mirror {
  /** The engine to write to. */
  readonly engine: Engine;
  /** Calls `listener` with all that a transaction told, after it, until the function returned is called. */
  follow(listener: (told: readonly Told[]) => void): () => void;
  /** What `annotate` said of a resource. */
  annotationsOf(id: string): ReadonlyMap<string, string> | undefined;
  keys(): Iterable<{ readonly index: string; readonly key: string; readonly id: string }>;
}

export function createMirror(main: Engine): Mirror {
  const annotations = new Map<string, Map<string, string>>();
  const keys = new Map<string, { readonly index: string; readonly key: string; readonly id: string }>();
  const listeners = new Set<(told: readonly Told[]) => void>();
  let told: Told[] = [];
  let depth = 0;

  function tell(one: Told): void {
    if (listeners.size > 0) told.push(one);
  }

  function handOn(): void {
    const batch = told;
    told = [];
    if (batch.length > 0) for (const listener of listeners) listener(batch);
  }

  const writer: Pick<Engine, 'transact' | 'put' | 'remove' | 'annotate' | 'setKey' | 'setKind' | 'setMinion'> = {
    transact(change) {
      depth++;
      try {
        main.transact(change);
      } finally {
        depth--;
        if (depth === 0) handOn();
      }
    },
    put(item) {
      main.put(item);
      tell({ what: 'put', item });
    },
    remove(id) {
      const vertex = main.get(id);
      if (vertex?.present) tell({ what: 'remove', place: { id, type: vertex.type, namespace: vertex.namespace } });
      main.remove(id);
    },
    annotate(id, name, value) {
      main.annotate(id, name, value);
      remember(annotations, id, name, value);
      tell({ what: 'annotate', id, name, value });
    },
    setKey(index, key, id) {
      main.setKey(index, key, id);
      const full = `${index} ${key}`;
      if (id === undefined) keys.delete(full);
      else keys.set(full, { index, key, id });
      tell({ what: 'key', index, key, id });
    },
    setKind(type, state) {
      main.setKind(type, state);
      tell({ what: 'kind', type, state });
    },
    setMinion(node, state) {
      main.setMinion(node, state);
      tell({ what: 'minion', node, state });
    },
  };
  return {
    engine: Object.assign(Object.create(main) as Engine, writer),
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    annotationsOf: (id) => annotations.get(id),
    keys: () => keys.values(),
  };
}

function remember(all: Map<string, Map<string, string>>, id: string, name: string, value: string | undefined): void {
  const of = all.get(id);
  if (value !== undefined) {
    if (of) of.set(name, value);
    else all.set(id, new Map([[name, value]]));
  } else if (of?.delete(name) && of.size === 0) all.delete(id);
}
