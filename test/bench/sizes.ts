// The clusters of the bench, as numbers of objects per kind. `census` is a production cluster whose numbers were published,
// `limit` the size up to which Kubernetes itself is tested.

export interface Size {
  readonly namespaces: number;
  readonly nodes: number;
  readonly pods: number;
  /** Number of containers in a Deployment's Pods. */
  readonly containers: number;
  /** Number of Pods made by Jobs. */
  readonly jobPods: number;
  readonly deployments: number;
  readonly replicaSets: number;
  readonly services: number;
  readonly ingresses: number;
  readonly jobs: number;
  readonly cronJobs: number;
  readonly configMaps: number;
  readonly secrets: number;
  readonly claims: number;
  readonly autoscalers: number;
  readonly disruptionBudgets: number;
  readonly networkPolicies: number;
  readonly serviceAccounts: number;
}

const census: Size = {
  namespaces: 432,
  nodes: 248,
  pods: 29_455,
  containers: 1,
  jobPods: 4_000,
  deployments: 19_924,
  replicaSets: 43_033,
  services: 23_547,
  ingresses: 16_977,
  jobs: 19_861,
  cronJobs: 4_291,
  configMaps: 3_894,
  secrets: 26_668,
  claims: 787,
  autoscalers: 385,
  disruptionBudgets: 12,
  networkPolicies: 1_480,
  serviceAccounts: 545,
};

const limit: Size = {
  namespaces: 1_000,
  nodes: 5_000,
  pods: 150_000,
  containers: 2,
  jobPods: 5_000,
  deployments: 10_000,
  replicaSets: 20_000,
  services: 10_000,
  ingresses: 2_000,
  jobs: 10_000,
  cronJobs: 1_000,
  configMaps: 10_000,
  secrets: 10_000,
  claims: 5_000,
  autoscalers: 1_000,
  disruptionBudgets: 500,
  networkPolicies: 1_000,
  serviceAccounts: 2_000,
};

const sizes = { census, limit } as const;
export type ClusterName = keyof typeof sizes;
export const clusterNames = Object.keys(sizes) as readonly ClusterName[];

/** With `parts` 10, a tenth of every kind, but at least one. */
export function sizeOf(name: ClusterName, parts = 1): Size {
  const entries = Object.entries(sizes[name]).map(([key, count]: [string, number]) => {
    return [key, key === 'containers' ? count : Math.max(1, Math.round(count / parts))];
  });
  return Object.fromEntries(entries) as Size;
}
