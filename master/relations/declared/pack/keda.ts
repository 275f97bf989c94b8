// KEDA. A target without a kind is a Deployment; what is in no namespace finds its Secrets where KEDA itself runs.
import type { Declaration } from '../declaration.ts';

const authentication = 'TriggerAuthentication.keda.sh';
const scaled = ['ScaledObject.keda.sh', 'ScaledJob.keda.sh'];
const secrets = [
  'spec.secretTargetRef[]',
  'spec.azureKeyVault.credentials.clientSecret.valueFrom.secretKeyRef',
  'spec.awsSecretManager.credentials.accessKey.valueFrom.secretKeyRef',
  'spec.awsSecretManager.credentials.accessSecretKey.valueFrom.secretKeyRef',
  'spec.awsSecretManager.credentials.accessToken.valueFrom.secretKeyRef',
  'spec.gcpSecretManager.credentials.clientSecret.valueFrom.secretKeyRef',
  'spec.oauth2.clientSecret.valueFrom.secretKeyRef',
];
const accounts = [
  'spec.boundServiceAccountToken[].serviceAccountName',
  'spec.hashiCorpVault.credential.serviceAccountName',
];

export const keda: readonly Declaration[] = [
  {
    from: 'ScaledObject.keda.sh',
    ref: 'spec.scaleTargetRef',
    to: 'Deployment',
    group: 'apps',
    relation: 'scales',
    depends: 'none',
    namespace: 'own',
    sentence:
      'A KEDA ScaledObject scales the object named in spec.scaleTargetRef: a Deployment unless it gives another kind.',
  },
  {
    from: scaled,
    ref: 'spec.triggers[].authenticationRef',
    to: authentication,
    group: 'keda.sh',
    relation: 'uses',
    namespace: 'own',
  },
  { from: authentication, name: secrets, to: 'Secret', namespace: 'own' },
  { from: authentication, name: 'spec.configMapTargetRef[]', to: 'ConfigMap', namespace: 'own' },
  { from: authentication, name: accounts, to: 'ServiceAccount' },
  { from: 'ClusterTriggerAuthentication.keda.sh', name: secrets, to: 'Secret', otherwise: 'keda', guess: true },
  {
    from: 'ClusterTriggerAuthentication.keda.sh',
    name: 'spec.configMapTargetRef[]',
    to: 'ConfigMap',
    otherwise: 'keda',
    guess: true,
  },
  {
    from: 'HTTPScaledObject.http.keda.sh',
    ref: 'spec.scaleTargetRef',
    to: 'Deployment',
    group: 'apps',
    relation: 'scales',
    depends: 'none',
  },
  { from: 'HTTPScaledObject.http.keda.sh', name: 'spec.scaleTargetRef.service', to: 'Service' },
  { from: 'HTTPScaledObject.http.keda.sh', host: 'spec.hosts[]', served: true, relation: 'serves', depends: 'target' },
];
