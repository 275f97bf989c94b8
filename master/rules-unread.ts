// What a rule of a user reads that is not read: it says nothing of objects that may not be listed, or that no server knows.
import type { GraphReader } from './graph/engine/engine.ts';

/** `type: why` of each. A rule says nothing about kinds that are forbidden or not served. */
export function unreadOf(reads: readonly string[], graph: Pick<GraphReader, 'sources'>): string[] {
  const kinds = graph.sources('kinds');
  return reads
    .filter((type) => !type.startsWith('*'))
    .flatMap((type) => {
      const stands = kinds.get(type);
      if (!stands) return [`${type}: no such kind is read`];
      const isRead = ['synced', 'syncing', 'polled'].includes(stands.state);
      return isRead ? [] : [`${type}: ${stands.state}${stands.reason ? `: ${stands.reason}` : ''}`];
    });
}
