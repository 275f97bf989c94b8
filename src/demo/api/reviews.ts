// Reviews of tokens and rights: answered on creation and not stored.
import type { KubernetesObject } from '../../model.ts';
import type { Access, Attributes, Rule, User } from './access.ts';
import { badRequest } from './status.ts';

type Review = (spec: ReviewSpec, asker: User, access: Access, namespace: string | undefined) => object;

interface ReviewSpec {
  readonly token?: string;
  readonly audiences?: readonly string[];
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly namespace?: string;
  readonly resourceAttributes?: Attributes;
  readonly nonResourceAttributes?: Attributes;
}

const audience = 'https://kubernetes.default.svc';

const reviews: { readonly [plural: string]: Review } = {
  tokenreviews: ({ token = '', audiences = [audience] }, _asker, access) => {
    const user = access.userOfToken(token);
    if (!user) return { user: {}, error: 'invalid bearer token' };
    const shared = audiences.filter((wanted) => wanted === audience);
    if (shared.length === 0) return { user: {}, error: 'token audiences are invalid for this server' };
    return { authenticated: true, user: identity(user), audiences: shared };
  },
  subjectaccessreviews: (spec, _asker, access) => {
    if (!spec.user && !spec.groups?.length) throw badRequest('at least one of user or group must be specified');
    return decision(access, { username: spec.user ?? '', groups: spec.groups ?? [] }, spec);
  },
  localsubjectaccessreviews: (spec, _asker, access, namespace) => {
    if (spec.resourceAttributes?.namespace !== namespace)
      throw badRequest('spec.resourceAttributes.namespace must match namespace');
    return decision(access, { username: spec.user ?? '', groups: spec.groups ?? [] }, spec);
  },
  selfsubjectaccessreviews: (spec, asker, access) => decision(access, asker, spec),
  selfsubjectrulesreviews: ({ namespace = '' }, asker, access) => rulesStatus(access.rulesOf(asker), namespace),
  selfsubjectreviews: (_spec, asker) => ({ userInfo: identity(asker) }),
};

/** The answer to a created review; undefined if `plural` is none. */
export function review(
  plural: string,
  object: KubernetesObject,
  asker: User,
  access: Access,
  namespace?: string,
): KubernetesObject | undefined {
  const answer = reviews[plural];
  if (!answer) return undefined;
  const spec = (object['spec'] ?? {}) as ReviewSpec;
  const metadata = { ...object.metadata };
  return { ...object, metadata, spec, status: answer(spec, asker, access, namespace) };
}

function identity({ username, uid, groups, extra }: User): object {
  return { username, ...(uid && { uid }), ...(groups && { groups }), ...(extra && { extra }) };
}

function decision(access: Access, user: Pick<User, 'username' | 'groups'>, spec: ReviewSpec): object {
  const attributes = spec.resourceAttributes ?? spec.nonResourceAttributes;
  if (!attributes) throw badRequest('exactly one of nonResourceAttributes or resourceAttributes must be specified');
  const rule = access.allows(user, withoutStars(attributes));
  return rule ? { allowed: true, ...(rule.reason && { reason: rule.reason }) } : { allowed: false };
}

/** An empty namespace asks about all namespaces, a cluster-wide right. */
function withoutStars(attributes: Attributes): Attributes {
  const { namespace, subresource, ...rest } = attributes;
  return { ...rest, ...(namespace && { namespace }), ...(subresource && { subresource }) };
}

function rulesStatus(rules: readonly Rule[], namespace: string): object {
  const here = rules.filter(
    (rule) => !rule.namespaces || rule.namespaces.includes('*') || rule.namespaces.includes(namespace),
  );
  const resourceRules = here.filter((rule) => rule.resources).map(resourceRule);
  const nonResourceRules = here
    .filter((rule) => rule.nonResourceURLs)
    .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  return { resourceRules, nonResourceRules, incomplete: false };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: Rule): object {
  return { verbs, apiGroups, resources, ...(resourceNames && { resourceNames }) };
}
