import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer, type User } from '../../../../src/demo/api-server.ts';
import { ask, askJson } from '../../../support/http.ts';
import { recordedJson, recordedText } from '../recorded.ts';

const read = ['get', 'list', 'watch'];
const viewer: User = {
  username: 'system:serviceaccount:shop:viewer',
  uid: '41df189b-e232-4c4a-8c8d-d6b6c653258d',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': ['JTI=91179583-9bb7-47eb-b38b-f81d0899d8aa'] },
  token: 'TOKEN',
  rules: [
    {
      verbs: read,
      apiGroups: [''],
      resources: ['pods', 'configmaps', '*/status'],
      namespaces: ['shop'],
      reason: 'RBAC: allowed by RoleBinding "viewer/shop" of ClusterRole "view" to ServiceAccount "viewer/shop"',
    },
    { verbs: ['get'], apiGroups: [''], resources: ['nodes'], resourceNames: ['node-a'] },
  ],
};
const reviewer: User = {
  username: 'reviewer',
  token: 'reviewer-token',
  rules: [
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'] },
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'] },
  ],
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('access to the fake API server', () => {
  let server: ApiServer;
  beforeEach(async () => {
    server = await startApiServer({ users: [viewer, reviewer] });
  });
  afterEach(() => server.stop());

  const get = async (path: string, token?: string) =>
    ask(`${server.url}${path}`, { headers: token ? bearer(token) : {} });
  const post = <T>(path: string, body: object, token: string) =>
    askJson<T>(`${server.url}${path}`, {
      method: 'POST',
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('is refused to an unknown token with 401', async () => {
    const answer = await get('/api/v1/pods', 'forged');
    expect(answer.status).toBe(401);
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'Unauthorized' };
    expect(JSON.parse(answer.text)).toEqual({ ...status, reason: 'Unauthorized', code: 401 });
  });

  it('is refused beyond the rules with 403, in the words recorded', async () => {
    const answer = await get('/api/v1/pods', 'TOKEN');
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toEqual(recordedJson('requests/pods.forbidden.json'));
    const named = await get('/apis/apps/v1/namespaces/shop/deployments/web', 'TOKEN');
    const cannot = 'cannot get resource "deployments" in API group "apps" in the namespace "shop"';
    expect(named.text).toContain(
      `deployments.apps \\"web\\" is forbidden: User \\"${viewer.username}\\" ${cannot.replaceAll('"', '\\"')}`,
    );
  });

  it('is given where the rules give it: namespace, name, subresource', async () => {
    expect((await get('/api/v1/namespaces/shop/pods', 'TOKEN')).status).toBe(200);
    expect((await get('/api/v1/namespaces/shop/pods?watch=1&timeoutSeconds=0.01', 'TOKEN')).status).toBe(200);
    expect((await get('/api/v1/namespaces/data/pods', 'TOKEN')).status).toBe(403);
    expect((await get('/api/v1/namespaces/shop/secrets', 'TOKEN')).status).toBe(403);
    expect((await get('/api/v1/nodes/node-a', 'TOKEN')).status).toBe(404);
    expect((await get('/api/v1/nodes/node-b', 'TOKEN')).status).toBe(403);
    expect((await get('/api/v1/namespaces/shop/services/x/status', 'TOKEN')).status).toBe(404);
  });

  it('without a token is anonymous: health and version, nothing else', async () => {
    expect((await get('/readyz')).status).toBe(200);
    expect((await get('/version')).status).toBe(200);
    const discovery = await get('/apis');
    expect([discovery.status, JSON.parse(discovery.text)]).toEqual([
      403,
      expect.objectContaining({ message: 'forbidden: User "system:anonymous" cannot get path "/apis"' }),
    ]);
    expect((await get('/apis', 'TOKEN')).status).toBe(200);
    expect((await get('/metrics', 'TOKEN')).status).toBe(403);
  });

  it('changes at once with the table', async () => {
    server.setUsers([{ ...viewer, rules: [] }]);
    expect((await get('/api/v1/namespaces/shop/pods', 'TOKEN')).status).toBe(403);
    server.setUsers([]);
    expect((await get('/api/v1/pods', 'anything')).status).toBe(200);
  });

  it('answers a TokenReview as recorded', async () => {
    for (const name of ['valid', 'invalid']) {
      const recorded = recordedJson<{ spec: object; status: object }>(`requests/tokenreview.${name}.json`);
      const review = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: recorded.spec };
      const answer = await post<{ status: object }>(
        '/apis/authentication.k8s.io/v1/tokenreviews',
        review,
        'reviewer-token',
      );
      expect(answer).toEqual({ ...review, metadata: {}, status: recorded.status });
    }
  });

  it('answers a TokenReview for another audience with an error', async () => {
    const review = {
      kind: 'TokenReview',
      apiVersion: 'authentication.k8s.io/v1',
      spec: { token: 'TOKEN', audiences: ['other'] },
    };
    const answer = await post<{ status: object }>(
      '/apis/authentication.k8s.io/v1/tokenreviews',
      review,
      'reviewer-token',
    );
    expect(answer.status).toEqual({ user: {}, error: expect.stringContaining('audiences') as string });
  });

  it('answers a SubjectAccessReview as recorded', async () => {
    for (const name of ['allowed', 'denied']) {
      const recorded = recordedJson<{ spec: object; status: object }>(`requests/subjectaccessreview.${name}.json`);
      const review = { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec: recorded.spec };
      const answer = await post<{ status: object }>(
        '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        review,
        'reviewer-token',
      );
      expect(answer.status).toEqual(recorded.status);
    }
  });

  it('refuses reviews of others without the right', async () => {
    const review = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token: 'TOKEN' } };
    expect(await post('/apis/authentication.k8s.io/v1/tokenreviews', review, 'TOKEN')).toMatchObject({ code: 403 });
  });

  it('lets everybody ask about themselves', async () => {
    const ask_ = (verb: string) => ({
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: { resourceAttributes: { namespace: 'shop', verb, resource: 'pods' } },
    });
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    expect(await post(path, ask_('list'), 'TOKEN')).toMatchObject({ status: { allowed: true } });
    expect(await post(path, ask_('delete'), 'TOKEN')).toMatchObject({ status: { allowed: false } });
  });

  it('tells everybody their rules in one namespace', async () => {
    const review = {
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: { namespace: 'shop' },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const here = await post<{ status: { resourceRules: object[] } }>(path, review, 'TOKEN');
    const recorded = JSON.parse(recordedText('requests/selfsubjectrulesreview.json')) as {
      status: { resourceRules: object[] };
    };
    expect(here.status.resourceRules.slice(0, 2)).toEqual(recorded.status.resourceRules.slice(0, 2));
    expect(here.status.resourceRules).toContainEqual({
      verbs: read,
      apiGroups: [''],
      resources: ['pods', 'configmaps', '*/status'],
    });
    const elsewhere = await post<{ status: { resourceRules: object[] } }>(
      path,
      { ...review, spec: { namespace: 'x' } },
      'TOKEN',
    );
    expect(elsewhere.status.resourceRules).not.toContainEqual(
      expect.objectContaining({ resources: ['pods', 'configmaps', '*/status'] }),
    );
  });
});
