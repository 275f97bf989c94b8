// The actor's requests over all kinds of action are exactly those that its Role grants.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/model.ts';
import { type Acting, alice, comeUp, document, named, startActing, workload } from '../support/acting.ts';
import { actorRules } from '../support/actor-role.ts';

const byRest = { name: 'alice', via: 'rest' } as const;
let acting: Acting;
beforeEach(async () => {
  acting = await startActing();
});
afterEach(() => acting.close());

async function carriedOut(id: string, object: KubernetesObject, more: object, up: () => void): Promise<void> {
  const before = acting.patches().real.length;
  await acting.actions.propose(document(acting, object, { id, ...more }), byRest);
  await acting.actions.approve(id, alice);
  await expect.poll(() => acting.patches().real.length).toBe(before + 1);
  up();
  await acting.until(id, 'executed');
}

function aPod(): KubernetesObject {
  const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } };
  return acting.server.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-0', namespace: 'shop' },
    spec: { containers: [{ name: 'web', image: 'web', resources }] },
    status: { containerStatuses: [{ name: 'web', resources }] },
  });
}

const granted = () =>
  actorRules()
    .flatMap(({ verbs, apiGroups = [], resources = [] }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group ? `${group}/` : ''}${resource}`)),
      ),
    )
    .sort();

test('the actor asks for all that its Role grants, and for nothing else', async () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const) {
    const object = workload(acting.server, { kind });
    const up = () => void comeUp(acting.server, kind, 'web');
    await carriedOut(`set-${kind}`, object, {}, up);
    if (kind !== 'DaemonSet')
      await carriedOut(
        `scale-${kind}`,
        acting.server.get(named(kind, 'web')) ?? object,
        { action: 'scale', wanted: { replicas: 4 } },
        up,
      );
  }
  const pod = aPod();
  const limits = { cpu: '400m' };
  await carriedOut('resize', { ...pod, kind: 'Pod' }, { action: 'resize-pod', wanted: { limits } }, () => {
    const resources = { requests: { cpu: '100m' }, limits };
    acting.server.patch(named('Pod', 'web-0'), { status: { containerStatuses: [{ name: 'web', resources }] } });
  });
  const asked = new Set(
    acting.audit.flatMap(({ verb, object }) => {
      if (object === undefined) return [];
      const { group, resource, subresource } = object;
      return [`${verb} ${group ? `${group}/` : ''}${resource}${subresource ? `/${subresource}` : ''}`];
    }),
  );
  // Reviews of callers use another path and are known here from the document's user.
  const reviews = ['create authentication.k8s.io/tokenreviews', 'create authorization.k8s.io/subjectaccessreviews'];
  expect([...new Set([...asked, ...reviews])].sort()).toEqual(granted());
});
