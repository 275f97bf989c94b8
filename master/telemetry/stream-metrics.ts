// Metrics of a master that publishes to NATS, and of the Lease that chooses which master of a cluster does.
import type { Registry } from 'prom-client';
import type { LeaseElector } from '../stream/lease-elector.ts';
import type { Publisher, PublisherState } from '../stream/publisher.ts';
import { sampledMetrics } from './sampled-metrics.ts';

const states: readonly PublisherState[] = ['starting', 'publishing', 'standing-by', 'waiting', 'closed'];

export function addStreamMetrics(metrics: Registry, publisher: Pick<Publisher, 'state' | 'counts'>): void {
  const { gauge, counter } = sampledMetrics(metrics);
  gauge('stream_state', 'How publishing stands; 1 for the state it is in', ['state'], () =>
    states.map((state) => [publisher.state === state ? 1 : 0, { state }]),
  );
  gauge('stream_buffered_bytes', 'What is to be published and was not taken yet', [], () => [
    [publisher.counts().buffered],
  ]);
  counter('stream_messages_total', 'Messages that were published', [], () => [[publisher.counts().messages]]);
  counter('stream_bytes_total', 'Bytes of messages that were published', [], () => [[publisher.counts().bytes]]);
  counter('stream_terms_total', 'Times that all was told, from the graph as it was', [], () => [
    [publisher.counts().terms],
  ]);
  counter('stream_fenced_total', 'Times that another master of the cluster published in place of this one', [], () => [
    [publisher.counts().fenced],
  ]);
  counter('stream_failures_total', 'Times that a message was not taken, and was sent again', [], () => [
    [publisher.counts().failures],
  ]);
}

/** With a configured Lease only. */
export function addLeaseMetrics(metrics: Registry, elector: Pick<LeaseElector, 'standing' | 'counts'>): void {
  const { gauge, counter } = sampledMetrics(metrics);
  gauge('stream_lease_held', 'Whether this master holds the Lease that chooses who publishes', [], () => [
    [elector.standing.held ? 1 : 0],
  ]);
  counter(
    'stream_lease_tries_total',
    'Tries to take or renew the Lease: `renewed`, `conflicts` with another master, `refused` for lack of rights, `failed`',
    ['outcome'],
    () => {
      const { renewed, conflicts, refused, failed } = elector.counts();
      return Object.entries({ renewed, conflicts, refused, failed }).map(([outcome, count]) => [count, { outcome }]);
    },
  );
  counter('stream_lease_changes_total', 'Times that this master acquired or lost the Lease', ['change'], () => {
    const { acquired, lost } = elector.counts();
    return Object.entries({ acquired, lost }).map(([change, count]) => [count, { change }]);
  });
}
