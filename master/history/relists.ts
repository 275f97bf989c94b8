// Records changes found by a list but not reported by a watch: their exact time is unknown. Wraps a kind's sink and
// forwards everything.
import type { Clock } from '../../src/clock.ts';
import { timestampOf } from '../../src/clock.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { KindEvent, Sink } from '../sources/kubernetes/sink.ts';
import type { Relist } from './records.ts';

export interface RelistsOptions {
  readonly type: string;
  /** Revision of the graph. */
  readonly revision: () => number;
  readonly clock: Clock;
  readonly tell: (revision: number, relist: Relist) => void;
  /** Receives each arriving object, such as an Event. */
  readonly see?: (object: KubernetesObject) => void;
}

export function noteRelists(sink: Sink, { type, revision, clock, tell, see = () => {} }: RelistsOptions): Sink {
  /** When the kind was last observed; undefined before the first list. */
  let seen: number | undefined;

  function told(before: number): void {
    if (seen !== undefined)
      for (let each = before + 1; each <= revision(); each++) tell(each, { type, notBefore: timestampOf(seen) });
    seen = clock();
  }

  const held = sink.held?.bind(sink);
  const events = sink.events?.bind(sink);
  return {
    list(options) {
      const session = sink.list(options);
      const read = session.read?.bind(session);
      return {
        page(items) {
          items.forEach(see);
          return session.page(items);
        },
        ...(read ? { read } : {}),
        commit(resourceVersion) {
          const before = revision();
          const done = session.commit(resourceVersion);
          return done ? done.then(() => told(before)) : told(before);
        },
        abort: () => session.abort(),
      };
    },
    ...(held ? { held } : {}),
    event(what, object) {
      seen = clock();
      if (what !== 'DELETED') see(object);
      sink.event(what, object);
    },
    ...(events
      ? {
          events(all: readonly KindEvent[]) {
            seen = clock();
            for (const { type: what, object } of all) if (what !== 'DELETED') see(object);
            return events(all);
          },
        }
      : {}),
    state: (state, reason) => sink.state(state, reason),
  };
}
