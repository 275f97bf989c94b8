// In which namespaces a RoleBinding in the graph names a caller. Indexed by subject as bindings change:
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
import type { GraphReader } from '../../graph/engine/engine.ts';
import type { Mirror, Told } from '../../graph/replication/mirror.ts';
import type { ClusterUser } from './authenticator.ts';

const type = 'RoleBinding';

interface Subject {
  readonly kind?: unknown;
  readonly name?: unknown;
  readonly namespace?: unknown;
}

interface Binding {
  readonly namespace: string;
  readonly subjects: readonly string[];
}

export interface BindingsOptions {
  readonly main: GraphReader;
  readonly mirror: Pick<Mirror, 'follow'>;
}

export class Bindings {
  readonly #main: GraphReader;
  readonly #byId = new Map<string, Binding>();
  /** By subject: number of bindings that name it, by namespace. */
  readonly #bySubject = new Map<string, Map<string, number>>();
  readonly #unfollow: () => void;

  constructor({ main, mirror }: BindingsOptions) {
    this.#main = main;
    for (const namespace of main.namespacesOf(type))
      for (const vertex of main.members(type, namespace)) this.#put(vertex.id, namespace, main.propertiesOf(vertex));
    this.#unfollow = mirror.follow((told) => told.forEach((one) => this.#hear(one)));
  }

  /** Undefined if not all bindings are known. */
  namespacesOf(user: ClusterUser): ReadonlySet<string> | undefined {
    if (this.#main.sources('kinds').get(type)?.state !== 'synced') return undefined;
    const found = new Set<string>();
    for (const name of namesOf(user))
      for (const namespace of this.#bySubject.get(name)?.keys() ?? []) found.add(namespace);
    return found;
  }

  close(): void {
    this.#unfollow();
  }

  #hear(told: Told): void {
    if (told.what === 'put' && told.item.type === type)
      this.#put(told.item.id, told.item.namespace, told.item.properties);
    if (told.what === 'remove' && told.place.type === type) this.#remove(told.place.id);
  }

  #put(id: string, namespace: string, properties: unknown): void {
    this.#remove(id);
    const subjects = subjectsOf(properties, namespace);
    this.#byId.set(id, { namespace, subjects });
    for (const subject of subjects) this.#count(subject, namespace, 1);
  }

  #remove(id: string): void {
    const binding = this.#byId.get(id);
    this.#byId.delete(id);
    for (const subject of binding?.subjects ?? []) this.#count(subject, binding?.namespace ?? '', -1);
  }

  #count(subject: string, namespace: string, by: number): void {
    const where = this.#bySubject.get(subject) ?? new Map<string, number>();
    const count = (where.get(namespace) ?? 0) + by;
    if (count > 0) where.set(namespace, count);
    else where.delete(namespace);
    if (where.size > 0) this.#bySubject.set(subject, where);
    else this.#bySubject.delete(subject);
  }
}

function subjectsOf(properties: unknown, namespace: string): string[] {
  const { subjects } = JSON.parse(String(properties)) as { readonly subjects?: unknown };
  if (!Array.isArray(subjects)) return [];
  return subjects.flatMap((subject: Subject | null) => nameOf(subject ?? {}, namespace));
}

function nameOf({ kind, name, namespace }: Subject, own: string): string[] {
  if (typeof name !== 'string') return [];
  if (kind === 'ServiceAccount') return [`User system:serviceaccount:${String(namespace ?? own)}:${name}`];
  return kind === 'User' || kind === 'Group' ? [`${kind} ${name}`] : [];
}

/** All names by which a binding may refer to this user. Adds the universal groups if a review omitted them. */
function namesOf({ username, groups = [] }: ClusterUser): string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):/.exec(username) ?? [];
  const implied = ['system:authenticated', 'system:unauthenticated'];
  const ofAccount = namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const all = new Set([...groups, ...implied, ...ofAccount]);
  return [`User ${username}`, ...[...all].map((group) => `Group ${group}`)];
}
