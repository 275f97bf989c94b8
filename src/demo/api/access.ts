// Authentication and authorization: users by bearer token or client certificate, rules as in RBAC, and the reviews about
// both.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { ResourceRequest } from './request.ts';
import { forbidden, forbiddenPath, unauthorized } from './status.ts';

const serviceAccount = /^system:serviceaccount:([^:]+):([^:]+)$/;

export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  /** Where the rule holds; default: everywhere, including cluster-scoped resources. */
  readonly namespaces?: readonly string[];
  /** The reason that a review returns. */
  readonly reason?: string;
}

export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [key: string]: readonly string[] };
  /** The bearer token; a user without one has a certificate or is only reviewed. */
  readonly token?: string;
  readonly rules: readonly Rule[];
}

/** One action that a user wants to perform. */
export interface Attributes {
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly path?: string;
}

/** Read and write access to everything. */
export const everything: readonly Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

const publicPaths = ['/healthz', '/livez', '/readyz', '/version', '/healthz/*', '/livez/*', '/readyz/*', '/version/*'];
const discoveryPaths = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'];
const selfReviews = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'];

const everybody: readonly Rule[] = [{ verbs: ['get'], nonResourceURLs: publicPaths }];
const authenticated: readonly Rule[] = [
  { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: selfReviews },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  { verbs: ['get'], nonResourceURLs: discoveryPaths },
];

const anonymous: User = { username: 'system:anonymous', groups: ['system:unauthenticated'], rules: [] };
const master: User = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
  rules: everything,
};

export interface Access {
  /** Replaces the users. An empty list lets everyone do everything. */
  set(users: readonly User[]): void;
  /** The user of a request; 401 for an unknown token. */
  userOf(request: IncomingMessage): User;
  /** False for an unknown token. */
  isKnown(request: IncomingMessage): boolean;
  userOfToken(token: string): User | undefined;
  /** A token for a ServiceAccount, as from a TokenRequest. */
  issue(username: string): string;
  /** Throws the API server's 403 if not allowed. */
  demand(user: User, request: ResourceRequest): void;
  demandPath(user: User, verb: string, path: string): void;
  /** The rule that allows it, if any. */
  allows(user: Pick<User, 'username' | 'groups'>, attributes: Attributes): Rule | undefined;
  rulesOf(user: Pick<User, 'username'>): readonly Rule[];
}

export function createAccess(initial: readonly User[]): Access {
  let users = initial;
  const known = (username: string) => users.find((user) => user.username === username);
  const rulesOf = ({ username, groups }: Pick<User, 'username' | 'groups'>): readonly Rule[] => {
    if (users.length === 0 || groups?.includes('system:masters')) return everything;
    const own = known(username)?.rules ?? [];
    return username === anonymous.username ? [...everybody, ...own] : [...everybody, ...authenticated, ...own];
  };
  const allows: Access['allows'] = (user, attributes) => rulesOf(user).find((rule) => permits(rule, attributes));
  const issued = new Map<string, string>();
  const userOfToken = (token: string) => {
    const account = issued.get(token);
    return account === undefined ? users.find((user) => user.token === token) : named(account);
  };
  const named = (username: string) => known(username) ?? { username, groups: ['system:authenticated'], rules: [] };
  function askerOf(request: IncomingMessage): User {
    if (users.length === 0) return master;
    const token = tokenOf(request);
    if (token !== undefined) return userOfToken(token) ?? refuse();
    const name = certificateName(request);
    return name === undefined ? anonymous : named(name);
  }
  /** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
  function actingAs(asker: User, wanted: string): User {
    const [, namespace, account] = serviceAccount.exec(wanted) ?? [];
    const whom = namespace
      ? { resource: 'serviceaccounts', namespace, name: account ?? '' }
      : { resource: 'users', name: wanted };
    if (allows(asker, { verb: 'impersonate', group: '', ...whom })) return named(wanted);
    const message = `User "${asker.username}" cannot impersonate resource "${whom.resource}" in API group "" at the cluster scope`;
    throw forbidden({ group: '', plural: whom.resource, name: whom.name }, message);
  }
  return {
    set: (table) => void (users = table),
    rulesOf,
    allows,
    issue(username) {
      const token = `issued-${randomUUID()}`;
      issued.set(token, username);
      return token;
    },
    userOfToken,
    userOf(request) {
      const asker = askerOf(request);
      const wanted = request.headers['impersonate-user'];
      return typeof wanted === 'string' && users.length > 0 ? actingAs(asker, wanted) : asker;
    },
    isKnown(request) {
      const token = tokenOf(request);
      return users.length === 0 || token === undefined || userOfToken(token) !== undefined;
    },
    demand(user, request) {
      if (!allows(user, attributesOf(request))) throw refusal(user, request);
    },
    demandPath(user, verb, path) {
      if (!allows(user, { verb, path })) throw forbiddenPath(user.username, verb, path);
    },
  };
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (.*)$/i.exec(headers.authorization ?? '')?.[1];
}

function refuse(): never {
  throw unauthorized();
}

function certificateName(request: IncomingMessage): string | undefined {
  const socket = request.socket as Partial<TLSSocket>;
  if (!socket.authorized) return undefined;
  const name = socket.getPeerCertificate?.().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}

function attributesOf({ verb, kind, namespace, name, subresource }: ResourceRequest): Attributes {
  const where = {
    ...(namespace !== undefined && { namespace }),
    ...(name && { name }),
    ...(subresource && { subresource }),
  };
  return { verb, group: kind.group, resource: kind.plural, ...where };
}

function refusal(user: User, { verb, kind, namespace, name, subresource }: ResourceRequest) {
  const resource = subresource ? `${kind.plural}/${subresource}` : kind.plural;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const message = `User "${user.username}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${scope}`;
  return forbidden({ group: kind.group, plural: kind.plural, ...(name && { name }) }, message);
}

const has = (list: readonly string[] | undefined, wanted: string) =>
  list?.includes('*') === true || list?.includes(wanted) === true;

function permits(rule: Rule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb ?? '')) return false;
  return attributes.path === undefined ? permitsResource(rule, attributes) : permitsPath(rule, attributes.path);
}

function permitsResource(
  rule: Rule,
  { group = '', resource = '', subresource, namespace, name = '' }: Attributes,
): boolean {
  if (!has(rule.apiGroups, group)) return false;
  if (rule.namespaces && !(namespace !== undefined && has(rule.namespaces, namespace))) return false;
  if (rule.resourceNames && !rule.resourceNames.includes(name)) return false;
  const full = subresource ? `${resource}/${subresource}` : resource;
  return (
    has(rule.resources, full) || (subresource !== undefined && (rule.resources?.includes(`*/${subresource}`) ?? false))
  );
}

function permitsPath(rule: Rule, path: string): boolean {
  return (rule.nonResourceURLs ?? []).some((allowed) => {
    return allowed === '*' || allowed === path || (allowed.endsWith('/*') && path.startsWith(allowed.slice(0, -1)));
  });
}
