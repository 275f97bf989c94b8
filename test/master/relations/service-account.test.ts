import {
  secretBelongsToAccount,
  serviceAccountAssumes,
  serviceAccountPullSecret,
  serviceAccountSecret,
} from '../../../master/relations/service-account.ts';
import { named, object, ruleCases } from '../../support/rule-cases.ts';

const account = (fields: object, metadata: object = {}) => object('v1', 'ServiceAccount', fields, metadata);

ruleCases(serviceAccountSecret, [
  {
    says: 'an account uses the Secrets it lists',
    object: account({ secrets: [{ name: 'a' }, { name: 'b' }] }),
    refers: [
      { target: named('Secret', 'a', 'shop'), field: 'secrets[0]' },
      { target: named('Secret', 'b', 'shop'), field: 'secrets[1]' },
    ],
  },
  { says: 'an account of today lists none', object: account({}), refers: [] },
]);

ruleCases(serviceAccountPullSecret, [
  {
    says: 'an account uses its pull secrets, and gives them to Pods that name none',
    object: account({ imagePullSecrets: [{ name: 'registry' }] }),
    refers: [
      { target: named('Secret', 'registry', 'shop'), field: 'imagePullSecrets[0]' },
      { states: { index: 'pull-secret', key: 'shop/it', value: 'registry' }, field: 'imagePullSecrets[0]' },
    ],
  },
  { says: 'an account without any uses none', object: account({}), refers: [] },
]);

const annotation = (key: string) => `metadata.annotations["${key}"]`;
const tokenOf = (name: string, uid?: string) =>
  object(
    'v1',
    'Secret',
    {},
    {
      annotations: {
        'kubernetes.io/service-account.name': name,
        ...(uid && { 'kubernetes.io/service-account.uid': uid }),
      },
    },
  );
const field = annotation('kubernetes.io/service-account.name');

ruleCases(secretBelongsToAccount, [
  {
    says: 'a token belongs to the account of its UID: a recreated account is another',
    object: tokenOf('web', 'u-1'),
    refers: [{ target: { by: 'uid', type: 'ServiceAccount', namespace: 'shop', name: 'web', uid: 'u-1' }, field }],
  },
  {
    says: 'before it carries the UID it belongs to the account of that name',
    object: tokenOf('web'),
    refers: [{ target: named('ServiceAccount', 'web', 'shop'), field }],
  },
  { says: 'any other Secret belongs to none', object: object('v1', 'Secret'), refers: [] },
]);

const arn = 'arn:aws:iam::111122223333:role/web';

ruleCases(serviceAccountAssumes, [
  {
    says: 'an account assumes the role of AWS, the account of Google, the client of Azure that annotations give it',
    object: account(
      {},
      {
        annotations: {
          'azure.workload.identity/client-id': '00000000-0000-0000-0000-000000000001',
          'eks.amazonaws.com/role-arn': arn,
          'iam.gke.io/gcp-service-account': 'web@project.iam.gserviceaccount.com',
        },
      },
    ),
    refers: [
      { target: named('ExternalIdentity', arn), field: annotation('eks.amazonaws.com/role-arn') },
      {
        target: named('ExternalIdentity', 'web@project.iam.gserviceaccount.com'),
        field: annotation('iam.gke.io/gcp-service-account'),
      },
      {
        target: named('ExternalIdentity', '00000000-0000-0000-0000-000000000001'),
        field: annotation('azure.workload.identity/client-id'),
      },
    ],
  },
  {
    says: 'an account without such annotations assumes none',
    object: account({}, { annotations: { a: 'b' } }),
    refers: [],
  },
]);
