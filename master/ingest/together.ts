// Keeps events that arrived together in one transaction.
import type { GraphWriter } from '../graph/engine/engine.ts';
import { unkeptOf } from '../sources/kubernetes/deliver.ts';
import type { KindEvent, Unkept } from '../sources/kubernetes/sink.ts';

export function together(
  writer: Pick<GraphWriter, 'transact'>,
  events: readonly KindEvent[],
  keep: (event: KindEvent) => void,
): readonly Unkept[] {
  let unkept: readonly Unkept[] = [];
  writer.transact(() => {
    unkept = unkeptOf(events, keep);
  });
  return unkept;
}
