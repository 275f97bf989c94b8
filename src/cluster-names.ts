// What a DNS name or address refers to if it may be of the cluster: the only place that parses them. Names follow
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/.

/** Possible meanings in order; each applies only if the object exists. */
export type Candidate =
  | { readonly by: 'name'; readonly type: 'Service' | 'Pod'; readonly namespace: string; readonly name: string }
  | { readonly by: 'key'; readonly index: 'address'; readonly key: string; readonly only: true };

export interface Named {
  /** The name as DNS compares it: lower case, without a trailing dot. */
  readonly host: string;
  readonly candidates: readonly Candidate[];
  /** Only the first candidate is possible: a name in the cluster's own domain. */
  readonly certain: boolean;
}

const clusterDomain = 'cluster.local';

/** A host or address without port, zone and trailing dot. */
export function plainHost(text: string): string {
  const bracketed = /^\[(.+)\](?::\d+)?$/.exec(text);
  const bare = (bracketed?.[1] ?? text).replace(/%.*$/, '');
  const host = bare
    .replace(/^([^:]*):\d+$/, '$1')
    .toLowerCase()
    .replace(/\.$/, '');
  return addressIn(host) ?? host;
}

/** The canonical form of an address; undefined if it is none. Other forms of IPv4, such as octal, are rejected. */
function addressIn(text: string): string | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text))
    return text.split('.').every((part) => Number(part) < 256) ? text : undefined;
  if (!text.includes(':') || !/^[0-9a-f:.]+$/i.test(text)) return undefined;
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}

/** `namespace`: where short names are resolved. */
export function namedBy(text: string, namespace?: string): Named {
  const host = plainHost(text);
  if (addressIn(host)) return { host, candidates: [atAddress(host)], certain: false };
  const labels = host.split('.');
  if (labels.some((label) => label === '' || label === '*')) return { host, candidates: [], certain: false };
  const [first = '', second] = labels;
  const svc = labels.lastIndexOf('svc');
  if (svc >= 2) return inService(host, labels, svc);
  if (labels[2] === 'pod' && second) return ofAddress(host, first);
  if (labels.length === 2 && second) return { host, candidates: [service(second, first)], certain: false };
  return { host, candidates: labels.length === 1 && namespace ? [service(namespace, first)] : [], certain: false };
}

/** `name.namespace.svc` or `pod.name.namespace.svc`, in the cluster's domain or a possible one. */
function inService(host: string, labels: readonly string[], svc: number): Named {
  const [name = '', namespace = ''] = [labels[svc - 2], labels[svc - 1]];
  const domain = labels.slice(svc + 1).join('.');
  const certain = domain === '' || domain === clusterDomain;
  const pod = svc === 3 ? labels[0] : undefined;
  const candidates = [...(pod ? [podOf(namespace, pod)] : []), service(namespace, name)];
  return { host, candidates, certain };
}

/** `10-0-0-9.namespace.pod.cluster.local`. */
function ofAddress(host: string, label: string): Named {
  const address = [label.replaceAll('-', '.'), label.replaceAll('-', ':')].find((each) => addressIn(each));
  return { host, candidates: address ? [atAddress(addressIn(address) ?? address)] : [], certain: false };
}

function service(namespace: string, name: string): Candidate {
  return { by: 'name', type: 'Service', namespace, name };
}

function podOf(namespace: string, name: string): Candidate {
  return { by: 'name', type: 'Pod', namespace, name };
}

function atAddress(key: string): Candidate {
  return { by: 'key', index: 'address', key, only: true };
}

/** The host of a URL; undefined if it is none. */
export function hostOfUrl(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname || undefined : undefined;
}
