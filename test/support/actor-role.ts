// The actor's rights according to the manifests, in the form that the fake API server uses: what they lack is denied in the
// tests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Rule } from '../../src/demo/api-server.ts';
import { root } from './source-tree.ts';

interface RoleDocument {
  readonly kind: string;
  readonly rules?: readonly Rule[];
}

export function actorRules(): readonly Rule[] {
  const text = readFileSync(join(root, 'manifests/components/actor/actor/rbac.yaml'), 'utf8');
  const documents = parseAllDocuments(text).map((each) => each.toJS() as RoleDocument);
  const rules = documents.filter(({ kind }) => kind === 'ClusterRole').flatMap((role) => role.rules ?? []);
  // The rights of `system:auth-delegator`, to which its account is bound.
  const delegating = [
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'] },
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'] },
  ];
  return [...rules, ...delegating];
}
