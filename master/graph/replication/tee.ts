// A writer that also reports every call, in order.
import type { SourceState } from '../../../src/model.ts';
import type { Engine, GraphWriter, Item } from '../contract.ts';
import type { AnnotationValue } from '../model/annotation.ts';
import type { Version } from '../model/vertex.ts';
import type { RemovedResource } from '../revisions/changes.ts';
import { itemOf } from './item-of-vertex.ts';

/** One call of a writer. */
export type Told =
  /**
   * `steady`: `renew` does the same where this resource was told before. `unless`: not even that is needed if this is still
   * the version after the transaction.
   */
  | {
      readonly what: 'put';
      readonly item: Item;
      readonly steady?: boolean | undefined;
      readonly unless?: Version | undefined;
    }
  /** `place` only if known: the removal of an unknown resource is not reported. */
  | { readonly what: 'remove'; readonly place: RemovedResource }
  | {
      readonly what: 'annotate';
      readonly id: string;
      readonly name: string;
      readonly value: AnnotationValue | undefined;
    }
  | { readonly what: 'key'; readonly index: string; readonly key: string; readonly id: string | undefined }
  | {
      readonly what: 'source';
      readonly family: string;
      readonly name: string;
      readonly state: SourceState | undefined;
    };

/** Calls `tell` after `main` has handled each call; resources only if `isHeard`. `main` must write to `graph`. */
export function tee(
  main: GraphWriter,
  graph: Pick<Engine, 'get' | 'isSteady' | 'propertiesOf'>,
  tell: (told: Told) => void,
  isHeard: () => boolean = () => true,
): GraphWriter {
  return {
    transact: (change) => main.transact(change),
    beforeCommit: (hook) => main.beforeCommit(hook),
    put(item) {
      const known = graph.get(item.id);
      const before = known?.version;
      const resourceVersion = known?.resourceVersion;
      main.put(item);
      if (!isHeard()) return;
      const steady = before !== undefined && known !== undefined && graph.isSteady(known);
      if (!steady) tell({ what: 'put', item });
      else if (known.resourceVersion === resourceVersion) tell({ what: 'put', item, steady, unless: before });
      else tell({ what: 'put', item, steady });
    },
    renew(renewal) {
      if (!main.renew(renewal)) return false;
      const vertex = isHeard() ? graph.get(renewal.id) : undefined;
      // Other followers may not have been told of it yet.
      if (vertex) tell({ what: 'put', item: itemOf(graph, vertex), steady: graph.isSteady(vertex) });
      return true;
    },
    remove(id) {
      const vertex = graph.get(id);
      const place = vertex?.present ? { id, type: vertex.type, namespace: vertex.namespace } : undefined;
      main.remove(id);
      if (place) tell({ what: 'remove', place });
    },
    annotate(id, name, value) {
      const before = graph.get(id);
      const isAbsent = value === undefined && before !== undefined && before.annotations?.has(name) !== true;
      main.annotate(id, name, value);
      // Each object that is read again is said not to be stale, which it was not before.
      if (isAbsent) return;
      tell({ what: 'annotate', id, name, value });
    },
    setKey(index, key, id) {
      main.setKey(index, key, id);
      tell({ what: 'key', index, key, id });
    },
    setSource(family, name, state) {
      main.setSource(family, name, state);
      tell({ what: 'source', family, name, state });
    },
  };
}
