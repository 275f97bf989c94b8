// The writer handed to a source: it knows the source's resources, so it can mark them while the source is stale and remove
// them with the source.
import type { Source, SourceWriter } from '../sources/source.ts';
import { Staleness, type StalenessOptions } from './staleness.ts';

export function createSourceWriter(
  { family, name }: Pick<Source, 'family' | 'name'>,
  options: StalenessOptions,
): SourceWriter {
  const { writer } = options;
  const staleness = new Staleness(family, options);
  const put = new Set<string>();

  function remove(id: string): void {
    if (!put.delete(id)) return;
    writer.remove(id);
    staleness.unmark(id);
  }

  return {
    transact: (change) => writer.transact(change),
    put(item) {
      put.add(item.id);
      writer.put(item);
      staleness.mark(item.id, name);
    },
    remove,
    annotate: (id, annotation, value) => writer.annotate(id, annotation, value),
    state: (state, reason) => writer.transact(() => staleness.tell(name, state, reason, put)),
    drop: () =>
      writer.transact(() => {
        for (const id of [...put]) remove(id);
        staleness.forget(name);
      }),
  };
}
