// Marks the resources of a stale source with the annotation `stale`: since when and why.
import type { Clock } from '../../src/clock.ts';
import type { SourceState } from '../../src/model.ts';
import type { GraphReader, GraphWriter } from '../graph/engine/engine.ts';
import type { AnnotationValue } from '../graph/model/annotation.ts';
import { sinceBefore, stateOf } from './source-state.ts';

export interface StalenessOptions {
  readonly graph: GraphReader;
  /** Writes to `graph`. */
  readonly writer: GraphWriter;
  readonly clock: Clock;
}

export class Staleness {
  readonly #options: StalenessOptions;
  readonly #family: string;

  constructor(family: string, options: StalenessOptions) {
    this.#family = family;
    this.#options = options;
  }

  /** Sets the state of a source; `ids` are its resources. Call inside a transaction. */
  tell(name: string, state: SourceState['state'], reason: string | undefined, ids: Iterable<string>): void {
    const { graph, writer, clock } = this.#options;
    const before = graph.sources(this.#family).get(name);
    const wasStale = this.of(name);
    writer.setSource(this.#family, name, sinceBefore(before, stateOf(state, reason, clock)));
    if (wasStale || this.of(name)) for (const id of ids) this.mark(id, name);
  }

  /** Forgets the source. */
  forget(name: string): void {
    this.#options.writer.setSource(this.#family, name, undefined);
  }

  /** Call for each resource put; `name` is undefined if it has no source. */
  mark(id: string, name: string | undefined): void {
    this.#options.writer.annotate(id, 'stale', name === undefined ? undefined : this.of(name));
  }

  /** Call for each resource removed. */
  unmark(id: string): void {
    this.#options.writer.annotate(id, 'stale', undefined);
  }

  /** The annotation for a source's resources; undefined while it answers. */
  of(name: string): AnnotationValue | undefined {
    const state = this.#options.graph.sources(this.#family).get(name);
    if (state?.state !== 'stale') return undefined;
    return { since: state.since, reason: state.reason ?? 'its source does not answer' };
  }
}
