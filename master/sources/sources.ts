// Starts and closes sources of any kind and reports what is awaited.
import type { Source, SourceWriter } from './source.ts';

export interface Sources {
  /** What the first waiting source waits for; undefined when all are ready. */
  waitingFor(): string | undefined;
  /** Closes all, even if some fail. @throws AggregateError with the failures. */
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
