// TODO
import type { DemoCluster } from './cluster.ts';
export interface Life {
  tick(): void;
}
export function createLife(_cluster: DemoCluster): Life {
  return { tick() {} };
}
