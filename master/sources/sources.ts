// Starts sources and closes them, and says what is waited for: the same for each, whatever it reads.
import type { Source, SourceWriter } from './source.ts';

export interface Sources {
  /** What the first of them that waits waits for; undefined when all have brought what must be there. */
  waitingFor(): string | undefined;
  /** Closes all, also where one of them fails to. @throws AggregateError of what failed. */
  close(): Promise<void>;
}

export function startSources(
  sources: readonly Source[],
  writerFor: (source: Pick<Source, 'family' | 'name'>) => SourceWriter,
): Sources {
  for (const source of sources) source.start(writerFor(source));
  return {
    waitingFor: () => sources.map((source) => source.health().waitingFor).find((what) => what !== undefined),
    async close() {
      const ends = await Promise.allSettled(sources.map((source) => source.close()));
      const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      if (failures.length > 0) throw new AggregateError(failures, 'sources could not be closed');
    },
  };
}
