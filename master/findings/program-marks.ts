// Who may use a ConfigMap or Secret without a reference to it: the program whose mark it carries, and programs that read it by the API.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Choice, FindingView } from './finding-rule.ts';
import { allows, rightsOf } from './permissions.ts';
import { fieldsAt, metadataOf } from './reading.ts';

/** `strimzi.io` for the definition `kafkas.kafka.strimzi.io`: labels of a program rarely name the group of its kinds exactly. */
const domainsOfPrograms: Choice = {
  name: 'domains of programs',
  types: ['CustomResourceDefinition'],
  of: ({ name }) => domainOf(name.slice(name.indexOf('.') + 1)),
};

/** Domains under which many programs have their kinds and labels: only the whole one names a program. */
const shared: ReadonlySet<string> = new Set(['k8s.io', 'x-k8s.io', 'kubernetes.io']);

function domainOf(group: string): string {
  const last = group.split('.').slice(-2).join('.');
  return shared.has(last) ? group : last;
}

/** Marks of what installed, copied or saved an object: it does not use it. */
const ofInstallers =
  /^(?:argocd\.argoproj\.io\/(?!secret-type$)|(?:[^/]*\.)?(?:fluxcd\.io|helm\.sh|kubectl\.kubernetes\.io|rio\.cattle\.io|operators\.coreos\.com)\/|velero\.io\/(?:backup|restore)-name$)/;

/** Values of `managed-by` labels of programs that manage objects for themselves, unlike those that install them for others. */
const byOperator = /operator|controller/i;

/**
 * Whether a label or annotation shows that an operator made or takes it: a name under the domain of custom kinds that the
 * cluster has, or a `managed-by` that says so.
 */
export function hasMarkOfProgram(vertex: Vertex, view: FindingView): boolean {
  const { labels = {} } = vertex;
  if (byOperator.test(labels['app.kubernetes.io/managed-by'] ?? labels['managed-by'] ?? '')) return true;
  const domains = view.valuesOf(domainsOfPrograms);
  // Some have it in the name: `web.db.credentials.postgresql.acid.zalan.do`.
  if (domains.has(domainOf(vertex.name))) return true;
  return marksOf(vertex, view).some((mark) => domains.has(domainOf(mark.slice(0, mark.indexOf('/')))));
}

/** Labels and annotations under the domain of a program, without those of installers. */
export function marksOf(vertex: Vertex, view: FindingView): readonly string[] {
  const names = [vertex.labels ?? {}, fieldsAt(metadataOf(vertex, view), 'annotations')].flatMap(Object.keys);
  return names.filter((name) => name.includes('/') && !ofInstallers.test(name));
}

export type ReadByApi = 'this one' | 'all of them';

/**
 * Whether accounts of its namespace may get it, by its name or with all others there. Accounts of other namespaces do not count:
 * every cluster has some that may read everything.
 */
export function readByApi(vertex: Vertex, view: FindingView): ReadByApi | undefined {
  const resource = vertex.type === 'Secret' ? 'secrets' : 'configmaps';
  let all = false;
  for (const role of rolesIn(vertex.namespace, view)) {
    for (const right of rightsOf(role, view)) {
      if (!allows({ ...right, names: [] }, 'get', '', resource)) continue;
      if (right.names.includes(vertex.name)) return 'this one';
      if (right.names.length === 0) all = true;
    }
  }
  return all ? 'all of them' : undefined;
}

/** What accounts of the namespace are granted there, themselves and not as one of all accounts. */
function rolesIn(namespace: string, view: FindingView): ReadonlySet<Vertex> {
  const roles = new Set<Vertex>();
  for (const account of view.members('ServiceAccount', namespace))
    for (const granted of view.into(account, 'grantsTo')) {
      const { source: binding } = granted;
      if (isOfGroup(granted) || !(binding.namespace === '' || binding.namespace === namespace)) continue;
      for (const { target } of view.out(binding, 'grants')) roles.add(target);
    }
  return roles;
}

/** A grant to all accounts, of which this is one. */
export function isOfGroup({ claims }: Edge): boolean {
  return claims.every(({ reason }) => reason.rule.name === 'binding-grants-to-account-group');
}
