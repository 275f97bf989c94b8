// What people mean by a workload: the outermost controller of a Pod.
import type { Vertex } from '../graph/model/vertex.ts';
import { type Moment, neighbours } from './neighbours.ts';

/** Owners of owners that are followed: a loop of owner references is a mistake that somebody can make. */
const deepest = 16;

/** The Deployment behind the ReplicaSet, the CronJob behind the Job; of a Pod that nothing controls the Pod itself. */
export function workloadOfPod(moment: Moment, pod: Vertex): Vertex {
  let workload = moment.of(pod);
  for (let n = 0; n < deepest; n++) {
    const controller = controllerOf(moment, workload);
    if (!controller) break;
    workload = controller;
  }
  return workload;
}

/** Which of several owners is the controller no relation says: what monitors goes before what owns, then the first by id. */
function controllerOf(moment: Moment, vertex: Vertex): Vertex | undefined {
  if (!vertex.controlled) return undefined;
  for (const relation of ['monitors', 'owns']) {
    const owners = neighbours(moment, vertex, relation, 'in').filter(({ present }) => present);
    if (owners.length > 0) return owners.reduce((first, each) => (each.id < first.id ? each : first));
  }
  return undefined;
}
