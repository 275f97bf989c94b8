// Extensions that the API server cannot reach: admission webhooks, aggregated APIs.
import { isRecord } from '../../src/fields.ts';
import type { LabelSelector } from '../../src/model.ts';
import { compileSelector } from '../graph/model/label-selector.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import { templateLabelsIn } from './pod-fields.ts';
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
  stringsAt,
  textAt,
} from './reading.ts';
import { whyUncallable } from './routed.ts';

const configurations = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const;

export const webhookServiceMissing = {
  name: 'webhook-service-missing',
  group: 'delivery',
  class: 'broken',
  severity: 'critical',
  tier: 'routes',
  sentence:
    'An admission or conversion webhook calls a Service that does not exist, has no ready endpoint, or lacks the port. With failurePolicy Fail, all requests it applies to are refused; without conversion, objects cannot be read in other versions. With Ignore, it is skipped: low severity. Exception: webhooks without rules.',
  remedy: 'Bring its Service back, or delete the webhook.',
  link: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy',
  types: [...configurations, 'CustomResourceDefinition'],
  reads: [],
  of(configuration, view) {
    if (configuration.type === 'CustomResourceDefinition') return uncallableConversion(configuration, view);
    const services = new Map([...view.out(configuration, 'calls')].map((edge) => [edge.target.id, edge]));
    const found: Found[] = [];
    const hooks = services.size > 0 ? recordsOf(view.object(configuration)['webhooks']) : [];
    for (const { at, item } of hooks) {
      const rules = rulesOf(item);
      const edge = rules.length > 0 ? services.get(serviceIdOf(item)) : undefined;
      const why = edge && whyUncallable(edge.target, serviceIn(item), view);
      if (!why) continue;
      const refuses = textAt(item, 'failurePolicy') !== 'Ignore';
      found.push({
        on: configuration,
        key: textAt(item, 'name'),
        field: `webhooks[${at}].clientConfig.service`,
        path: [edge],
        severity: refuses ? 'critical' : 'low',
        class: refuses ? 'broken' : 'risk',
        sentence: `${called(configuration)} calls ${called(edge.target)}, which ${why}: ${refuses ? `${requestsOf(item, rules)} are refused` : 'what it would check goes unchecked'}`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

function uncallableConversion(definition: Vertex, view: FindingView): Found | undefined {
  const edge = first(view.out(definition, 'calls'));
  const conversion = edge && fieldsAt(specOf(definition, view), 'conversion');
  if (!conversion || textAt(conversion, 'strategy') !== 'Webhook') return undefined;
  const why = whyUncallable(edge.target, serviceIn(fieldsAt(conversion, 'webhook')), view);
  return why === undefined
    ? undefined
    : {
        on: definition,
        key: 'conversion',
        field: 'spec.conversion.webhook.clientConfig.service',
        path: [edge],
        sentence: `${called(definition)} is converted by ${called(edge.target)}, which ${why}: its objects cannot be read in any version but the stored one`,
      };
}

function serviceIn(webhook: Fields): Fields {
  return fieldsAt(fieldsAt(webhook, 'clientConfig'), 'service');
}

function serviceIdOf(webhook: Fields): string {
  const service = serviceIn(webhook);
  return `Service:${textAt(service, 'namespace')}/${textAt(service, 'name')}`;
}

/** Rules that match something: the API server matches nothing with an empty list. */
function rulesOf(webhook: Fields): Fields[] {
  const lists = ['operations', 'apiGroups', 'resources'] as const;
  return recordsOf(webhook['rules'])
    .map(({ item }) => item)
    .filter((item) => lists.every((name) => stringsAt(item, name).length > 0));
}

/** `creations of pods and deletions of jobs`. */
function requestsOf(webhook: Fields, rules: readonly Fields[]): string {
  const isNarrowed =
    hasConditions(webhook) ||
    isNarrow(webhook['namespaceSelector']) ||
    isNarrow(webhook['objectSelector']) ||
    rules.some((rule) => !['', '*'].includes(textAt(rule, 'scope')));
  const whats = new Map<string, Set<string>>();
  for (const rule of rules) {
    const operations = operationsOf(rule);
    const what = whats.get(operations) ?? new Set();
    for (const each of resourcesOf(rule)) what.add(each);
    whats.set(operations, what);
  }
  const parts = [...whats].map(([operations, what]) => {
    if (what.has('')) return isNarrowed ? operations : `all ${operations}`;
    return `${operations} ${operations === 'connections' ? 'to' : 'of'} ${listed([...what])}`;
  });
  const isOfAll = parts.length === 1 && [...whats.values()].every((what) => what.has(''));
  return `${listed(parts)}${isNarrowed ? ` ${isOfAll ? 'of' : 'among'} the objects it applies to` : ''}`;
}

const operationWords = { CREATE: 'creations', UPDATE: 'updates', DELETE: 'deletions', CONNECT: 'connections' } as const;

function operationsOf(rule: Fields): string {
  const operations = new Set(stringsAt(rule, 'operations'));
  if (operations.has('*')) return 'changes';
  const named = Object.entries(operationWords).filter(([name]) => operations.has(name));
  const words = named.map(([, word]) => word);
  const isAnyChange = words.filter((word) => word !== operationWords.CONNECT).length === 3;
  return isAnyChange ? 'changes' : listed(words.length > 0 ? words : [...operations]);
}

/** An empty text for all resources. */
function resourcesOf(rule: Fields): readonly string[] {
  const resources = stringsAt(rule, 'resources');
  const groups = stringsAt(rule, 'apiGroups');
  if (!resources.some((each) => each === '*' || each === '*/*')) return resources;
  return groups.includes('*') ? [''] : groups.map((group) => `objects of the API group ${group || '""'}`);
}

/** Whether a selector excludes anything. */
function isNarrow(selector: unknown): boolean {
  if (!isRecord(selector)) return false;
  return Object.keys(fieldsAt(selector, 'matchLabels')).length + recordsOf(selector['matchExpressions']).length > 0;
}

function hasConditions(webhook: Fields): boolean {
  return recordsOf(webhook['matchConditions']).length > 0;
}

export const webhookGuardsItself = {
  name: 'webhook-guards-itself',
  group: 'delivery',
  class: 'risk',
  severity: 'critical',
  sentence:
    'An admission webhook with failurePolicy Fail applies to the Pods behind its own Service, or to those of kube-system: once they are gone, they cannot be recreated. Undecided where matchConditions may exclude them.',
  remedy: 'Exclude its own Namespace and kube-system with a namespaceSelector.',
  link: 'https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/',
  types: configurations,
  reads: [],
  of(configuration, view) {
    const services = new Map([...view.out(configuration, 'calls')].map((edge) => [edge.target.id, edge]));
    const found: Found[] = [];
    let unsure: string | undefined;
    const hooks = services.size > 0 ? recordsOf(view.object(configuration)['webhooks']) : [];
    for (const { at, item } of hooks) {
      const edge = services.get(serviceIdOf(item));
      if (!edge?.target.present || textAt(item, 'failurePolicy') === 'Ignore' || !isAboutPods(item)) continue;
      const behind = [...view.out(edge.target, 'loadBalances')];
      const caught = behind.filter((each) => isCaught(item, each, view));
      const pods = caught.filter((each) => !isOfTemplate(each, view));
      const [one] = pods.length > 0 ? pods : caught;
      if (!one) continue;
      const doubt = doubtOf(item, one, view);
      if (doubt) {
        unsure ??= doubt;
        continue;
      }
      found.push({
        on: configuration,
        key: textAt(item, 'name'),
        field: `webhooks[${at}].namespaceSelector`,
        path: [edge, one],
        affected: pods.map(({ target }) => target),
        sentence: `${called(configuration)} applies to ${called(one.target)}, which serves it: when ${counted(Math.max(1, pods.length), 'Pod')} behind ${called(edge.target)} ${pods.length > 1 ? 'are gone, they' : 'is gone, it'} cannot be recreated`,
      });
    }
    if (unsure && found.length === 0) view.undecided(unsure);
    return found;
  },
} as const satisfies ResourceFindingRule;

/** Creation of Pods, as the API server matches: `pods/*` includes Pods themselves, `*` no subresources. */
function isAboutPods(webhook: Fields): boolean {
  return rulesOf(webhook).some((rule) => {
    const has = (name: string, ...any: readonly string[]) => stringsAt(rule, name).some((each) => any.includes(each));
    return (
      ['', '*', 'Namespaced'].includes(textAt(rule, 'scope')) &&
      has('operations', 'CREATE', '*') &&
      has('apiGroups', '', '*') &&
      has('apiVersions', 'v1', '*') &&
      has('resources', 'pods', 'pods/*', '*', '*/*')
    );
  });
}

/** `behind` leads to a Pod, or to an object with a template of Pods. */
function isCaught(webhook: Fields, behind: Edge, view: FindingView): boolean {
  const { target } = behind;
  const named = { 'kubernetes.io/metadata.name': target.namespace, ...namespaceOf(target, view)?.labels };
  return (
    selects(webhook['namespaceSelector'], named) && selects(webhook['objectSelector'], labelsOf(behind, view) ?? {})
  );
}

function namespaceOf({ namespace }: Vertex, view: FindingView): Vertex | undefined {
  return view.get(`Namespace:${namespace}`);
}

/** Of the Pods; undefined if their template is not known. */
function labelsOf(behind: Edge, view: FindingView): { readonly [name: string]: string } | undefined {
  const { target } = behind;
  return isOfTemplate(behind, view) ? templateLabelsIn(target, view) : (target.labels ?? {});
}

/** Why the webhook may not apply to the Pod although its rules and selectors do; undefined if it does. */
function doubtOf(webhook: Fields, behind: Edge, view: FindingView): string | undefined {
  const { target } = behind;
  if (hasConditions(webhook)) return 'its matchConditions may exclude the Pods behind its Service';
  if (!namespaceOf(target, view)?.present && isNarrow(webhook['namespaceSelector']))
    return `the labels of Namespace ${target.namespace} are not known`;
  return labelsOf(behind, view) === undefined && isNarrow(webhook['objectSelector'])
    ? `the labels of the Pods of ${called(target)} are not known`
    : undefined;
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
    'An aggregated API has been unavailable for five minutes: discovery is incomplete, Namespaces cannot be deleted, and its clients fail. In files, its Service is missing or lacks the port. Local APIServices are left out.',
  remedy: 'Fix the Service behind it, or delete the APIService.',
  link: 'https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/',
  types: ['APIService'],
  reads: [],
  of(service, view) {
    if (service.health?.state === 'ok') return undefined;
    const available = conditionsOf(service, view).get('Available');
    if (!available && view.isOfFiles()) return uncallableApi(service, view);
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

/** Of files, which do not tell whether it is available. */
function uncallableApi(api: Vertex, view: FindingView): Found | undefined {
  const edge = first(view.out(api, 'calls'));
  const spec = specOf(api, view);
  const why = edge && whyUncallable(edge.target, fieldsAt(spec, 'service'), view);
  return why === undefined || !edge
    ? undefined
    : {
        on: api,
        field: 'spec.service',
        path: [edge],
        sentence: `The API ${textAt(spec, 'group') || api.name} is served by ${called(edge.target)}, which ${why}`,
      };
}
