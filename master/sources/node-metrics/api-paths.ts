// Everything that is asked of the API server for numbers: reading two pages of a kubelet through the proxy of its node, and
// two lists of metrics-server. The right to the proxy opens far more than this, so no other path of it is ever built.

export type KubeletPage = 'resource' | 'cadvisor';

/** Needs `get` of `nodes/proxy`. */
export function kubeletPath(node: string, page: KubeletPage): string {
  return `/api/v1/nodes/${encodeURIComponent(node)}/proxy/metrics/${page}`;
}

/** Needs `list` of `nodes.metrics.k8s.io` or `pods.metrics.k8s.io`; Pods also of one namespace. */
export function metricsServerPath(list: 'nodes' | 'pods', namespace?: string): string {
  const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `/apis/metrics.k8s.io/v1beta1${place}/${list}`;
}
