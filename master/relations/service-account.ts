// References of a ServiceAccount, and its token Secrets.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

type Refer = (reference: Reference) => void;

function eachSecret(object: KubernetesObject, key: string, refer: Refer): void {
  const secrets = itemsOf(object[key] as readonly { readonly name?: unknown }[] | undefined);
  for (let i = 0; i < secrets.length; i++) {
    const name = secrets[i]?.name;
    if (!isName(name)) continue;
    const target = { by: 'name', type: 'Secret', namespace: object.metadata.namespace, name } as const;
    refer({ target, field: `${key}[${i}]` });
  }
}

export const serviceAccountSecret = {
  name: 'service-account-secret',
  relation: 'uses',
  reads: ['ServiceAccount'],
  source: ['ServiceAccount'],
  target: ['Secret'],
  fields: ['secrets[]'],
  dependence: 'source',
  sentence: 'A ServiceAccount uses the Secrets it lists.',
  infer: (object, refer) => eachSecret(object, 'secrets', refer),
} as const satisfies Rule;

export const serviceAccountPullSecret = {
  name: 'service-account-pull-secret',
  relation: 'uses',
  reads: ['ServiceAccount'],
  source: ['ServiceAccount'],
  target: ['Secret'],
  fields: ['imagePullSecrets[]'],
  dependence: 'source',
  sentence: 'A ServiceAccount uses its image pull Secrets, which Pods that name none receive.',
  infer(object, refer) {
    eachSecret(object, 'imagePullSecrets', refer);
    const { namespace, name: account } = object.metadata;
    eachSecret(object, 'imagePullSecrets', ({ target, field }) => {
      if (target?.by !== 'name') return;
      refer({ states: { index: 'pull-secret', key: `${namespace}/${account}`, value: target.name }, field });
    });
  },
} as const satisfies Rule;

const accountName = 'kubernetes.io/service-account.name';
const accountUid = 'kubernetes.io/service-account.uid';

export const secretBelongsToAccount = {
  name: 'secret-belongs-to-account',
  relation: 'belongsTo',
  reads: ['Secret'],
  source: ['Secret'],
  target: ['ServiceAccount'],
  fields: [`metadata.annotations["${accountName}"]`, `metadata.annotations["${accountUid}"]`],
  dependence: 'source',
  sentence: "A token Secret belongs to the ServiceAccount it names. If it has the account's UID, that must match.",
  infer(object, refer) {
    const { annotations, namespace } = object.metadata;
    const name = annotations?.[accountName];
    const uid = annotations?.[accountUid];
    if (!isName(name)) return;
    const named = { by: 'name', type: 'ServiceAccount', namespace, name } as const;
    const target = isName(uid) ? { ...named, by: 'uid' as const, uid } : named;
    refer({ target, field: `metadata.annotations["${accountName}"]` });
  },
} as const satisfies Rule;

/** Annotations with a cloud identity: an AWS role, a Google account, an Azure client. */
const identities = [
  'eks.amazonaws.com/role-arn',
  'iam.gke.io/gcp-service-account',
  'azure.workload.identity/client-id',
] as const;

export const serviceAccountAssumes = {
  name: 'service-account-assumes',
  relation: 'assumes',
  reads: ['ServiceAccount'],
  source: ['ServiceAccount'],
  target: ['ExternalIdentity'],
  fields: identities.map((key) => `metadata.annotations["${key}"]`),
  dependence: 'source',
  sentence: 'A ServiceAccount assumes the cloud identity named in its EKS, GKE or Azure annotation.',
  infer(object, refer) {
    const { annotations } = object.metadata;
    if (!annotations) return;
    for (const key of identities) {
      const name = annotations[key];
      const field = `metadata.annotations["${key}"]`;
      if (isName(name)) refer({ target: { by: 'name', type: 'ExternalIdentity', name }, field });
    }
  },
} as const satisfies Rule;
