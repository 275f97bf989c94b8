// When files were written, as far as they tell: not before the newest time that a cluster wrote into one of their objects.
import type { GraphReader } from '../../graph/contract.ts';
import type { Objects } from './objects.ts';

/** Fields that hold the time at which something was observed. Others, such as the end of a certificate, may lie ahead. */
const observed =
  /"(?:creationTimestamp|deletionTimestamp|lastTransitionTime|lastUpdateTime|lastHeartbeatTime|lastProbeTime|lastScheduleTime|lastSuccessfulTime|startTime|completionTime|startedAt|finishedAt|acquireTime|renewTime|firstTimestamp|lastTimestamp|eventTime|reconciledAt)":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"/g;

/** Milliseconds since the epoch, and never after `now`; undefined if they hold no time: manifests that no cluster has seen. */
export function newestTimeIn(graph: GraphReader, objects: Objects, now: number): number | undefined {
  let newest = '';
  for (const type of graph.counts().keys())
    for (const namespace of graph.namespacesOf(type))
      for (const vertex of graph.members(type, namespace))
        for (const [, time = ''] of objects.text(vertex).toString('latin1').matchAll(observed))
          if (time > newest && Date.parse(time) <= now) newest = time;
  return newest === '' ? undefined : Date.parse(newest);
}
