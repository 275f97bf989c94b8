// Hands events that arrived together to a sink. An object that cannot be kept does not stop those after it.
import type { KindEvent, Sink, Unkept } from './sink.ts';

export function deliver(sink: Pick<Sink, 'event' | 'events'>, events: readonly KindEvent[]): readonly Unkept[] {
  return sink.events?.(events) ?? unkeptOf(events, ({ type, object }) => sink.event(type, object));
}

/** Calls `keep` for each event; returns those for which it threw. */
export function unkeptOf(events: readonly KindEvent[], keep: (event: KindEvent) => void): readonly Unkept[] {
  const unkept: Unkept[] = [];
  for (const event of events) {
    try {
      keep(event);
    } catch (error) {
      unkept.push({ object: event.object, error });
    }
  }
  return unkept;
}
