// How far what a replica serves is behind what its masters tell, by cluster.
import type { Registry } from 'prom-client';
import type { Replica, ReplicaTarget } from '../graph/replication/replica.ts';
import { type Sample, sampledMetrics } from './sampled-metrics.ts';

interface Measured {
  readonly cluster: string;
  readonly replica: Pick<Replica<ReplicaTarget>, 'standing' | 'counts' | 'behind'>;
}

export function addReplicaMetrics(registry: Registry, members: () => Iterable<Measured>): void {
  const { gauge, counter } = sampledMetrics(registry);
  const each = (samples: (one: Measured['replica']) => readonly Sample[]) => () =>
    [...members()].flatMap(({ cluster, replica }) =>
      samples(replica).map(([value, labels]): Sample => [value, { cluster, ...labels }]),
    );
  gauge(
    'replica_lag_seconds',
    'Since the master of a cluster was last heard',
    ['cluster'],
    each((replica) => {
      const { lag } = replica.standing();
      return lag === undefined ? [] : [[lag / 1000]];
    }),
  );
  gauge(
    'replica_behind_seconds',
    'How old the part of the log is that is still to be read',
    ['cluster'],
    each((replica) => [[replica.behind / 1000]]),
  );
  gauge(
    'replica_state',
    'How what is served of a cluster stands; 1 for the state it is in',
    ['cluster', 'state'],
    each((replica) => [[1, { state: replica.standing().state }]]),
  );
  counter(
    'replica_messages_total',
    'Messages of the log that were read',
    ['cluster'],
    each((replica) => [[replica.counts().messages]]),
  );
  counter(
    'replica_holes_total',
    'Times that what was read did not follow on what there was',
    ['cluster'],
    each((replica) => [[replica.counts().holes]]),
  );
  counter(
    'replica_resyncs_total',
    'Times that another keyframe took the place of what was served',
    ['cluster'],
    each((replica) => [[replica.counts().resyncs]]),
  );
}
