// NetworkPolicies that protect nothing, admit no one or everyone; and routes that one blocks.
import { isFilled, isRecord } from '../../src/fields.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Choice, FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import { called, type Fields, fieldsAt, first, isOfTemplate, listed, recordsOf, some, specOf } from './reading.ts';
import { routeTypes } from './routed.ts';

const policy = 'NetworkPolicy';

export const policySelectsNothing = {
  name: 'policy-selects-nothing',
  group: 'policies',
  class: 'risk',
  severity: 'low',
  sentence:
    'A NetworkPolicy selects no Pod and no Pod template in its Namespace. Exception: one that selects everything, in a Namespace without Pods.',
  remedy: 'Correct its selector, or delete it: it protects nothing.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource',
  types: [policy],
  reads: ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'ReplicaSet'],
  of(vertex, view) {
    if (first(view.out(vertex, 'restricts'))) return undefined;
    const selector = fieldsAt(specOf(vertex, view), 'podSelector');
    if (!isFilled(selector['matchLabels']) && recordsOf(selector['matchExpressions']).length === 0) return undefined;
    return {
      on: vertex,
      field: 'spec.podSelector',
      sentence: `${called(vertex)} restricts nothing: its selector matches no Pod and no template in ${vertex.namespace}`,
    };
  },
} as const satisfies ResourceFindingRule;

const sides = [
  { rules: 'ingress', peers: 'from', relation: 'allowsFrom' },
  { rules: 'egress', peers: 'to', relation: 'allowsTo' },
] as const;

export const policyPeerNothing = {
  name: 'policy-peer-nothing',
  group: 'policies',
  class: 'risk',
  severity: 'low',
  sentence:
    'A peer of a NetworkPolicy matches no Pod and no Namespace: the rule allows no traffic. Exceptions: empty selectors and IP blocks.',
  remedy: 'Correct the selector of the peer.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
  types: [policy],
  reads: ['Pod', 'Namespace', 'Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job'],
  of(vertex, view) {
    const spec = specOf(vertex, view);
    return sides.flatMap(({ rules, peers, relation }) => {
      const matched = peersOfRelations(vertex, relation, view);
      return recordsOf(spec[rules]).flatMap((rule) =>
        recordsOf(rule.item[peers]).flatMap(({ at, item }): Found[] => {
          const field = `spec.${rules}[${rule.at}].${peers}[${at}]`;
          if (!selectsSome(item) || matched.has(field)) return [];
          const sentence = `${called(vertex)} lets ${peers === 'from' ? 'in' : 'out to'} a peer that matches nothing: ${JSON.stringify(shortSelector(item))}`;
          return [
            {
              on: vertex,
              key: JSON.stringify(item).slice(0, 200),
              field,
              path: [...view.out(vertex, 'restricts')].slice(0, 1),
              sentence,
            },
          ];
        }),
      );
    });
  },
} as const satisfies ResourceFindingRule;

/** A peer's path, at the start of the paths of its selectors. */
const peerPath = /^spec\.\w+\[\d+\]\.\w+\[\d+\]/;

/** Paths of the peers that match something. */
function peersOfRelations(vertex: Vertex, relation: string, view: FindingView): ReadonlySet<string> {
  const peers = new Set<string>();
  for (const { claims } of view.out(vertex, relation))
    for (const { reason } of claims) peers.add(peerPath.exec(reason.field)?.[0] ?? reason.field);
  return peers;
}

/** Whether it has a non-empty selector and no address block. */
function selectsSome(peer: Fields): boolean {
  if ('ipBlock' in peer) return false;
  return (['podSelector', 'namespaceSelector'] as const).some((name) => {
    const selector = fieldsAt(peer, name);
    return isFilled(selector['matchLabels']) || recordsOf(selector['matchExpressions']).length > 0;
  });
}

function shortSelector(peer: Fields): object {
  const shown: { [name: string]: unknown } = {};
  for (const name of ['podSelector', 'namespaceSelector'] as const) {
    const selector = fieldsAt(peer, name);
    if (isRecord(peer[name])) shown[name] = selector['matchLabels'] ?? selector['matchExpressions'] ?? {};
  }
  return shown;
}

export const policyOpensEverything = {
  name: 'policy-opens-everything',
  group: 'policies',
  class: 'risk',
  severity: 'medium',
  sentence:
    'An ingress rule of a NetworkPolicy names neither peers nor ports: everyone can reach the Pods that it isolates. Severity info if no other policy restricts them, since then it is intended.',
  remedy: 'Name the peers or the ports.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic',
  types: [policy],
  reads: [],
  of(vertex, view) {
    const spec = specOf(vertex, view);
    const rule = recordsOf(spec['ingress']).find(
      ({ item }) => recordsOf(item['from']).length === 0 && recordsOf(item['ports']).length === 0,
    );
    if (!rule) return undefined;
    const restricted = [...view.out(vertex, 'restricts')].filter((edge) => !isOfTemplate(edge, view));
    const [one] = restricted;
    if (!one) return undefined;
    const shared = restricted.find(({ target }) => [...view.into(target, 'restricts')].length > 1);
    return {
      on: vertex,
      field: `spec.ingress[${rule.at}]`,
      path: [shared ?? one],
      severity: shared ? 'medium' : 'info',
      affected: restricted.map(({ target }) => target),
      sentence: `${called(vertex)} allows traffic from everyone on every port${shared ? `, even where other policies of ${shared.target.name} do not` : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;

export const namespaceWithoutPolicy = {
  name: 'namespace-without-policy',
  group: 'policies',
  class: 'advice',
  severity: 'info',
  sentence:
    'A Namespace that runs Pods has no NetworkPolicy, while other Namespaces have some. Not reported for clusters without any, or with policies of Cilium or Calico.',
  remedy: 'Start with a policy that denies everything, and allow what is needed.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic',
  types: ['Namespace'],
  reads: [policy, 'Pod'],
  of(namespace, view) {
    if (namespace.name.startsWith('kube-') || view.exists(policy, namespace.name)) return undefined;
    if (!view.exists('Deployment', namespace.name) && !view.exists('StatefulSet', namespace.name)) return undefined;
    if (!view.exists(policy)) return undefined;
    const others = [
      'CiliumNetworkPolicy.cilium.io',
      'CiliumClusterwideNetworkPolicy.cilium.io',
      'NetworkPolicy.crd.projectcalico.org',
      'GlobalNetworkPolicy.crd.projectcalico.org',
    ];
    if (others.some((type) => view.exists(type))) return undefined;
    return {
      on: namespace,
      field: 'metadata.name',
      sentence: `${called(namespace)} has no NetworkPolicy, and others have`,
    };
  },
} as const satisfies ResourceFindingRule;

/** Labels of Pods that run ingress controllers. */
const controllerLabels: ReadonlySet<string> = new Set([
  'ingress-nginx',
  'nginx-ingress',
  'traefik',
  'haproxy-ingress',
  'kong',
  'contour',
  'envoy',
  'istio-ingressgateway',
  'ingressgateway',
]);

export const policyCutsRoute = {
  name: 'policy-cuts-route',
  group: 'policies',
  class: 'broken',
  severity: 'high',
  tier: 'routes',
  sentence:
    "A route leads to Pods that NetworkPolicies isolate, and no rule allows traffic from the Pods of the route's controller. Undecided if the controller is not known or runs in the host network.",
  remedy: "Allow the Namespace of the controller on the target's port.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
  types: routeTypes.slice(0, 2),
  reads: ['NetworkPolicy', 'Pod', 'Namespace'],
  of(route, view) {
    const found: Found[] = [];
    for (const routes of view.out(route, 'routesTo')) {
      for (const balances of view.out(routes.target, 'loadBalances')) {
        if (balances.target.type !== 'Pod' || isOfTemplate(balances, view)) continue;
        const policies = [...view.into(balances.target, 'restricts')].filter(
          ({ source }) => source.type === policy && isolates(source, view),
        );
        if (policies.length === 0 || policies.some(({ source }) => isOpenToAddresses(source, view))) break;
        const controller = controllerPods(view);
        if (controller.length === 0) view.undecided('which Pods answer for the class is not known');
        if (controller.some((pod) => specOf(pod, view)['hostNetwork'] === true))
          view.undecided('the controller runs in the network of its Node');
        if (policies.some(({ source }) => controller.some((pod) => isAllowed(source, pod, view)))) break;
        found.push({
          on: route,
          key: routes.target.id,
          path: [routes, balances, ...policies.slice(0, 3)],
          affected: [...view.out(route, 'serves')].map(({ target }) => target),
          sentence: `${called(route)} leads to ${called(routes.target)}, whose Pods ${listed(policies.map(({ source }) => called(source)))} ${policies.length === 1 ? 'isolates' : 'isolate'} from ${called(controller[0] as Vertex)}`,
        });
        break;
      }
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

/** Whether the policy isolates its Pods for incoming traffic. */
function isolates(vertex: Vertex, view: FindingView): boolean {
  const spec = specOf(vertex, view);
  const types = spec['policyTypes'];
  return !Array.isArray(types) || types.includes('Ingress');
}

function isOpenToAddresses(vertex: Vertex, view: FindingView): boolean {
  return some(
    view.out(vertex, 'allowsFrom'),
    ({ target }) => target.type === 'CIDR' && /^(0\.0\.0\.0|::)\/0$/.test(target.name),
  );
}

function controllerPods(view: FindingView): Vertex[] {
  const pods: Vertex[] = [];
  for (const workload of view.chosen(ingressControllers)) {
    for (const { target } of view.out(workload, 'owns', 'monitors'))
      for (const pod of target.type === 'Pod' ? [target] : [...view.out(target, 'monitors')].map((edge) => edge.target))
        pods.push(pod);
    if (pods.length >= 20) break;
  }
  return pods.slice(0, 20);
}

const ingressControllers: Choice = {
  name: 'ingress-controllers',
  types: ['Deployment', 'DaemonSet'],
  of({ name, labels = {} }) {
    const said = labels['app.kubernetes.io/name'] ?? labels['app'] ?? name;
    const isOne = controllerLabels.has(said) && labels['app.kubernetes.io/component'] !== 'default-backend';
    return isOne ? said : undefined;
  },
};

function isAllowed(vertex: Vertex, pod: Vertex, view: FindingView): boolean {
  return some(
    view.out(vertex, 'allowsFrom'),
    (edge: Edge) => edge.target === pod || edge.target.id === `Namespace:${pod.namespace}`,
  );
}
