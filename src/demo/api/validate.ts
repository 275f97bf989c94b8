// Validation and defaults for container resources: requests not above limits, valid quantities, and changes of a Pod's only
// through its subresource `resize` and without changing its quality of service.
// https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
import type { KubernetesObject } from '../../model.ts';
import { quantityOf } from '../../quantity.ts';
import type { ServedKind } from './kinds.ts';
import { badRequest, invalid } from './status.ts';

interface Amounts {
  readonly [resource: string]: unknown;
}

interface Resources {
  readonly requests?: Amounts;
  readonly limits?: Amounts;
}

interface Container {
  readonly name?: string;
  readonly resources?: Resources;
}

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}

const lists = ['containers', 'initContainers'] as const;

/** The object as stored; checks resources that differ from `before`. */
export function validated(
  kind: ServedKind,
  before: KubernetesObject,
  after: KubernetesObject,
  subresource?: string,
): KubernetesObject {
  if (JSON.stringify(podSpecOf(before)) === JSON.stringify(podSpecOf(after))) return after;
  const spec = podSpecOf(after);
  if (spec === undefined) return after;
  const canonical = Object.fromEntries(
    lists.flatMap((list) =>
      Array.isArray(spec[list]) ? [[list, spec[list].map((each, at) => checked(kind, after, list, each, at))]] : [],
    ),
  );
  const written = withPodSpec(after, { ...spec, ...canonical });
  if (after.kind === 'Pod' || kind.kind === 'Pod') checkPod(kind, before, written, subresource);
  return written;
}

function podSpecOf(object: KubernetesObject): PodSpec | undefined {
  const spec = object['spec'] as (PodSpec & { readonly template?: { readonly spec?: PodSpec } }) | undefined;
  return spec?.template?.spec ?? (spec?.containers ? spec : undefined);
}

function withPodSpec(object: KubernetesObject, podSpec: PodSpec): KubernetesObject {
  const spec = object['spec'] as { readonly template?: { readonly spec?: PodSpec } };
  const isTemplate = spec.template?.spec !== undefined;
  return { ...object, spec: isTemplate ? { ...spec, template: { ...spec.template, spec: podSpec } } : podSpec };
}

function checked(
  kind: ServedKind,
  { metadata }: KubernetesObject,
  list: string,
  container: Container,
  at: number,
): Container {
  const { resources } = container;
  if (!resources) return container;
  const path = `spec.${kind.kind === 'Pod' ? '' : 'template.spec.'}${list}[${at}].resources`;
  const canonical = Object.fromEntries(
    Object.entries(resources).map(([name, amounts]) => [
      name,
      name === 'claims' ? amounts : canonicalAmounts(kind, amounts as Amounts),
    ]),
  ) as Resources;
  for (const [resource, limit] of Object.entries(canonical.limits ?? {})) {
    const request = canonical.requests?.[resource];
    if ((quantityOf(request) ?? 0) <= (quantityOf(limit) ?? 0)) continue;
    const problem = `Invalid value: ${JSON.stringify(request)}: must be less than or equal to ${resource} limit of ${String(limit)}`;
    throw invalid({ ...kind, name: metadata.name }, `${path}.requests`, problem);
  }
  return { ...container, resources: canonical };
}

function canonicalAmounts(kind: ServedKind, amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([resource, amount]) => [resource, canonical(kind, amount)]));
}

/**
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/: the largest suffix without a fraction.
 */
function canonical(kind: ServedKind, amount: unknown): string {
  const value = quantityOf(amount);
  if (value === undefined)
    throw badRequest(
      `${kind.kind} in version "${kind.versions[0]}" cannot be handled as a ${kind.kind}: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    );
  const isBinary = String(amount).endsWith('i');
  const suffixes = isBinary ? ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] : ['', 'k', 'M', 'G', 'T', 'P', 'E'];
  if (!Number.isInteger(value)) return `${Math.ceil(value * 1000 - 1e-6)}m`;
  const base = isBinary ? 1024 : 1000;
  let [rest, step] = [value, 0];
  while (rest !== 0 && rest % base === 0 && step < suffixes.length - 1) [rest, step] = [rest / base, step + 1];
  return `${rest}${suffixes[step]}`;
}

const forbiddenUpdate =
  'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function checkPod(
  kind: ServedKind,
  before: KubernetesObject,
  after: KubernetesObject,
  subresource: string | undefined,
): void {
  const what = { ...kind, name: before.metadata.name };
  const resourcesOf = (object: KubernetesObject) =>
    JSON.stringify(lists.flatMap((list) => (podSpecOf(object)?.[list] ?? []).map((each) => each.resources ?? {})));
  if (subresource !== 'resize' && podSpecOf(before) && resourcesOf(before) !== resourcesOf(after))
    throw invalid(what, 'spec', forbiddenUpdate);
  if (subresource !== 'resize') return;
  const rest = (object: KubernetesObject) =>
    JSON.stringify([
      ...lists.flatMap((list) => (podSpecOf(object)?.[list] ?? []).map(({ resources: _, ...each }) => each)),
    ]);
  if (rest(before) !== rest(after)) throw invalid(what, 'spec', 'Forbidden: only cpu and memory resources are mutable');
  if (qualityOf(podSpecOf(before)) !== qualityOf(podSpecOf(after)))
    throw invalid(what, 'spec', 'Invalid value: "": Pod QOS Class may not change as a result of resizing');
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
function qualityOf(spec: PodSpec | undefined): string {
  const all = lists.flatMap((list) => (spec?.[list] ?? []).map(({ resources }) => resources ?? {}));
  if (all.every(({ requests = {}, limits = {} }) => Object.keys({ ...requests, ...limits }).length === 0))
    return 'BestEffort';
  const isGuaranteed = all.every(({ requests, limits }) =>
    ['cpu', 'memory'].every(
      (name) =>
        limits?.[name] !== undefined && quantityOf(requests?.[name] ?? limits[name]) === quantityOf(limits[name]),
    ),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
