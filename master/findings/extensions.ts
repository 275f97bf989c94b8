// Extensions that the API server cannot reach: admission webhooks, aggregated APIs.
import { isRecord } from '../../src/fields.ts';
import type { LabelSelector } from '../../src/model.ts';
import { compileSelector } from '../graph/model/label-selector.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import {
  called,
  conditionsOf,
  counted,
  type Fields,
  fieldsAt,
  first,
  isOfTemplate,
  listed,
  minute,
  recordsOf,
  saying,
  specOf,
  textAt,
} from './reading.ts';
import { whyDead } from './routed.ts';

const configurations = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const;

export const webhookServiceMissing = {
  name: 'webhook-service-missing',
  group: 'delivery',
  class: 'broken',
  severity: 'critical',
  tier: 'routes',
  sentence:
    'An admission webhook calls a Service that does not exist or has no ready endpoint. With failurePolicy Fail, all requests it applies to are refused. With Ignore, it is skipped: low severity.',
  remedy: 'Bring its Service back, or delete the webhook.',
  link: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy',
  types: configurations,
  reads: [],
  of(configuration, view) {
    const services = new Map([...view.out(configuration, 'calls')].map((edge) => [edge.target.id, edge]));
    const found: Found[] = [];
    const hooks = services.size > 0 ? recordsOf(view.object(configuration)['webhooks']) : [];
    for (const { at, item } of hooks) {
      const edge = services.get(serviceIdOf(item));
      const why = edge && whyDead(edge.target, view);
      if (!why) continue;
      const refuses = textAt(item, 'failurePolicy') !== 'Ignore';
      found.push({
        on: configuration,
        key: textAt(item, 'name'),
        field: `webhooks[${at}].clientConfig.service`,
        path: [edge],
        severity: refuses ? 'critical' : 'low',
        class: refuses ? 'broken' : 'risk',
        sentence: `${called(configuration)} calls ${called(edge.target)}, which ${why}: ${refuses ? `${resourcesOf(item)} are refused` : 'what it would check goes unchecked'}`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

function serviceIdOf(webhook: Fields): string {
  const service = fieldsAt(fieldsAt(webhook, 'clientConfig'), 'service');
  return `Service:${textAt(service, 'namespace')}/${textAt(service, 'name')}`;
}

/** `changes of pods and jobs`. */
function resourcesOf(webhook: Fields): string {
  const names = recordsOf(webhook['rules']).flatMap(({ item }) =>
    Array.isArray(item['resources'])
      ? item['resources'].filter((each): each is string => typeof each === 'string')
      : [],
  );
  return names.length === 0 || names.includes('*') || names.includes('*/*')
    ? 'all changes'
    : `changes of ${listed([...new Set(names)])}`;
}

export const webhookGuardsItself = {
  name: 'webhook-guards-itself',
  group: 'delivery',
  class: 'risk',
  severity: 'critical',
  sentence:
    'An admission webhook with failurePolicy Fail applies to the Pods behind its own Service, or to those of kube-system: once they are gone, they cannot be recreated.',
  remedy: 'Exclude its own Namespace and kube-system with a namespaceSelector.',
  link: 'https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/',
  types: configurations,
  reads: [],
  of(configuration, view) {
    const services = new Map([...view.out(configuration, 'calls')].map((edge) => [edge.target.id, edge]));
    const found: Found[] = [];
    const hooks = services.size > 0 ? recordsOf(view.object(configuration)['webhooks']) : [];
    for (const { at, item } of hooks) {
      const edge = services.get(serviceIdOf(item));
      if (!edge?.target.present || textAt(item, 'failurePolicy') === 'Ignore' || !isAboutPods(item)) continue;
      const behind = [...view.out(edge.target, 'loadBalances')];
      const caught = behind.filter((each) => isCaught(item, each.target, view));
      const pods = caught.filter((each) => !isOfTemplate(each, view));
      const [one] = pods.length > 0 ? pods : caught;
      if (!one) continue;
      found.push({
        on: configuration,
        key: textAt(item, 'name'),
        field: `webhooks[${at}].namespaceSelector`,
        path: [edge, one],
        affected: pods.map(({ target }) => target),
        sentence: `${called(configuration)} applies to ${called(one.target)}, which serves it: when ${counted(Math.max(1, pods.length), 'Pod')} behind ${called(edge.target)} ${pods.length > 1 ? 'are gone, they' : 'is gone, it'} cannot be recreated`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

/** Creation of Pods. */
function isAboutPods(webhook: Fields): boolean {
  const has = (list: unknown, ...any: readonly string[]) =>
    Array.isArray(list) && list.some((each) => any.includes(each as string));
  return recordsOf(webhook['rules']).some(
    ({ item }) =>
      has(item['operations'], 'CREATE', '*') &&
      has(item['apiGroups'], '', '*') &&
      has(item['resources'], 'pods', '*', '*/*', 'pods/*'),
  );
}

function isCaught(webhook: Fields, pod: Vertex, view: FindingView): boolean {
  const namespace = view.get(`Namespace:${pod.namespace}`);
  const named = { 'kubernetes.io/metadata.name': pod.namespace, ...namespace?.labels };
  return selects(webhook['namespaceSelector'], named) && selects(webhook['objectSelector'], pod.labels ?? {});
}

/** An absent or empty selector selects everything; an invalid one nothing. */
function selects(selector: unknown, labels: { readonly [name: string]: string }): boolean {
  if (!isRecord(selector)) return true;
  try {
    return compileSelector(selector as LabelSelector).matches(labels);
  } catch {
    return false;
  }
}

export const apiServiceDown = {
  name: 'api-service-down',
  group: 'delivery',
  class: 'broken',
  severity: 'high',
  tier: 'routes',
  sentence:
    'An aggregated API has been unavailable for five minutes: discovery is incomplete, Namespaces cannot be deleted, and its clients fail. Exception: local APIServices.',
  remedy: 'Fix the Service behind it, or delete the APIService.',
  link: 'https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/',
  types: ['APIService'],
  reads: [],
  of(service, view) {
    if (service.health?.state === 'ok') return undefined;
    const available = conditionsOf(service, view).get('Available');
    if (available?.status !== 'False' || !view.isPast(available.since, 5 * minute)) return undefined;
    const called_ = first(view.out(service, 'calls'));
    if (!called_) return undefined;
    const path: Edge[] = [called_, ...[...view.out(called_.target, 'loadBalances')].slice(0, 3)];
    const group = textAt(specOf(service, view), 'group');
    return {
      on: service,
      field: available.field,
      path,
      since: available.since,
      sentence: `The API ${group || service.name} is not available: ${available.reason}${saying(available.message)}`,
    };
  },
} as const satisfies ResourceFindingRule;
