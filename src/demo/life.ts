// Activity in the demo cluster: `tick()` performs one step of events and their consequences. It never grows; the same seed
// and steps give the same cluster.
import type { DemoCluster } from './cluster.ts';
import { reconcileDeployments } from './life/deployments.ts';
import { reconcileEndpoints } from './life/endpoints.ts';
import { reconcileJobs } from './life/jobs.ts';
import { advancePods } from './life/kubelet.ts';
import { reconcileReplicaSets } from './life/replica-sets.ts';
import { happen } from './life/script.ts';
import { createWorld, seededRandom } from './life/world.ts';

export interface LifeSettings {
  readonly seed?: number;
  readonly clock?: () => number;
}

export interface Life {
  tick(): void;
}

export function createLife(cluster: DemoCluster, { seed = 1, clock = Date.now }: LifeSettings = {}): Life {
  const world = createWorld(cluster.server, clock, seededRandom(seed));
  let step = 0;
  return {
    tick() {
      happen(world, step++);
      advancePods(world);
      reconcileDeployments(world);
      reconcileReplicaSets(world);
      reconcileJobs(world);
      reconcileEndpoints(world);
      cluster.sync();
    },
  };
}
